import { useEffect, useRef, useState } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import { localTime } from '../part/format.ts';
import { Icon } from '../part/icon.tsx';
import { shownText } from '../part/text.ts';
import { go } from '../state/address.ts';
import { drawnLines, type LineAnswer } from './line-plot.ts';
import { useTable } from './use-table.ts';

interface LinesProps {
  title: string;
  answer: LineAnswer;
  height: number;
  /** A value with its unit, for axis, table and hover. */
  label(value: number): string;
}

/** Lines over time, from zero. Dragging chooses the range of the whole page; the arrow keys read the values. */
export function Lines({ title, answer, height, label }: LinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<ReturnType<typeof drawnLines> | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [asTable, toggleTable] = useTable(title);
  const { times, series } = answer;

  useEffect(() => {
    if (asTable) return;
    const made = drawnLines(box.current!, height, label, {
      hover: setAt,
      choose: (from, to) => go({ range: { kind: 'span', from: Math.round(from), to: Math.round(to) } }),
    });
    plot.current = made;
    return () => {
      plot.current = null;
      made.end();
    };
  }, [asTable, height]);
  useEffect(() => plot.current?.show(answer), [answer, asTable, height]);
  useEffect(() => plot.current?.point(at), [at]);

  const key = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -times.length, End: times.length }[
      event.key
    ];
    if (step === undefined || times.length === 0) return;
    const start = at ?? (step > 0 ? -1 : times.length);
    setAt(Math.max(0, Math.min(times.length - 1, start + step)));
    event.preventDefault();
    event.stopPropagation();
  };
  const shown = at !== null && at < times.length ? at : null;
  const words = (values: (number | null)[], index: number): string => {
    const value = values[index] ?? null;
    return value === null ? 'none' : label(value);
  };
  return (
    <section class="chart" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span class="muted when" aria-live="polite">
          {shown !== null &&
            `${localTime(times[shown]!)} ${series.length === 1 ? words(series[0]!.values, shown) : ''}`}
        </span>
        {series.length > 1 && (
          <ul class="legend" aria-label={`${title}: series`}>
            {series.map(({ label: name, colour, values }) => (
              <li key={name}>
                <span>
                  <i style={{ background: `var(${colour})` }} />
                  {shownText(name, 24)} {shown !== null && <b>{words(values, shown)}</b>}
                </span>
              </li>
            ))}
          </ul>
        )}
        <span class="chart-buttons">
          <button
            class="plain"
            aria-pressed={asTable}
            title={asTable ? 'Show as chart' : 'Show as table'}
            aria-label={`${title}: ${asTable ? 'show as chart' : 'show as table'}`}
            onClick={toggleTable}
          >
            <Icon name={asTable ? 'chart' : 'table'} />
          </button>
        </span>
      </header>
      {asTable ? (
        <LineTable title={title} answer={answer} height={height} words={words} />
      ) : (
        <div
          ref={box}
          class="plot"
          style={{ height: `${height}px` }}
          tabIndex={0}
          role="application"
          aria-roledescription="line chart"
          aria-label={`${title}: ${series.map((one) => `${one.label} at most ${label(highest(one.values))}`).join(', ')}. Arrow keys read the values.`}
          onKeyDown={key}
          onBlur={() => setAt(null)}
        />
      )}
    </section>
  );
}

interface LineTableProps {
  title: string;
  answer: LineAnswer;
  height: number;
  words(values: (number | null)[], index: number): string;
}

function LineTable({ title, answer: { times, series }, height, words }: LineTableProps) {
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
          {times.map((time, index) => (
            <tr key={time}>
              <td>{localTime(time)}</td>
              {series.map(({ label, values }) => (
                <td class="num" key={label}>
                  {words(values, index)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function highest(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}
