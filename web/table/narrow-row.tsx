import type { EventRow } from '../../src/view/api.ts';
import { severityColour, severityWord, typeColour } from '../chart/series.ts';
import { shownText } from '../part/text.ts';
import type { Column } from './columns.ts';
import { Pieces, Time } from './piece-view.tsx';
import type { PlacedPiece } from './pieces.ts';

interface NarrowRowProps {
  row: EventRow;
  cells: PlacedPiece[][];
  columns: readonly Column[];
}

/** Three lines on a narrow screen: when and what; what the event says; between whom. */
export function NarrowRow({ row, cells, columns }: NarrowRowProps) {
  const said = cells.flatMap((pieces, i) =>
    ['time', 'event.action', 'event.severity'].includes(columns[i]!.id)
      ? []
      : pieces.filter(({ field }) => !isEndpoint(field) && field !== 'event.severity'),
  );
  const severity = row['event.severity'];
  return (
    <>
      <span role="gridcell">
        <Time ts={row.ts} tight />
        <span>
          <span class={`dotted ${typeColour(String(row['event.action'])).slice(2)}`}>
            {shownText(row['event.action'] ?? null, 20)}
          </span>
          {severity !== null && severity !== undefined && (
            <b style={{ color: `var(${severityColour(severity)})` }}>
              {' '}
              {severity} {severityWord(severity)}
            </b>
          )}
        </span>
      </span>
      <span role="gridcell">
        <Pieces pieces={said} at={-1} />
      </span>
      <span role="gridcell" class="muted">
        <Ends row={row} />
      </span>
    </>
  );
}

function isEndpoint(field: string | undefined): boolean {
  return field !== undefined && /^(?:source|destination)\.(?:ip|port)$/.test(field);
}

function Ends({ row }: { row: EventRow }) {
  const one = (side: string): string => {
    const [ip, port] = [row[`${side}.ip`], row[`${side}.port`]];
    if (ip === null || ip === undefined) return '';
    return shownText(port === null || port === undefined ? ip : `${ip}:${port}`, 60);
  };
  const [from, to] = [one('source'), one('destination')];
  return (
    <bdi>
      {from}
      {to !== '' && ` → ${to}`}
    </bdi>
  );
}
