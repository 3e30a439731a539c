import type { TimelineAnswer } from '../../src/view/api.ts';
import { exact, localTime } from '../part/format.ts';
import { shownText } from '../part/text.ts';
import type { Series } from './series.ts';

interface BinTableProps {
  title: string;
  answer: TimelineAnswer;
  series: Series[];
  height: number;
  onChoose(first: number, last: number): void;
}

/** The chart's numbers as a table; empty bins are left out. */
export function BinTable({ title, answer, series, height, onChoose }: BinTableProps) {
  const bins = Array.from({ length: answer.bins }, (_, i) => i).filter((i) =>
    series.some(({ counts }) => (counts[i] ?? 0) > 0),
  );
  return (
    <div
      class="bin-table"
      style={{ height: `${height}px` }}
      tabIndex={0}
      role="region"
      aria-label={`${title} as table`}
    >
      <table class="small">
        <thead>
          <tr>
            <th>From</th>
            {series.map(({ label }) => (
              <th class="num" key={label}>
                {shownText(label, 24)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {bins.map((bin) => (
            <tr key={bin}>
              <td>
                <button class="value" title="Zoom in" onClick={() => onChoose(bin, bin)}>
                  {localTime(answer.from + bin * answer.bin)}
                </button>
              </td>
              {series.map(({ label, counts }) => (
                <td class="num" key={label}>
                  {exact(counts[bin] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {bins.length === 0 && <p class="muted">No events in this range.</p>}
    </div>
  );
}
