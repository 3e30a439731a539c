import type { EventRow } from '../../src/view/api.ts';
import { severityColour, severityWord, typeColour } from '../chart/series.ts';
import type { Column } from './columns.ts';
import { nowMicros } from '../state/live.ts';
import { localParts, timeTitle } from '../part/format.ts';
import { isAddressField, isMono } from '../part/inside.ts';
import { shownText } from '../part/text.ts';
import { SideMark } from '../part/value.tsx';
import { cellsOf, type PlacedPiece } from './pieces.ts';

interface EventRowProps {
  row: EventRow;
  index: number;
  columns: readonly Column[];
  rowHeight: number;
  narrow: boolean;
  /** Number of the value under the cursor; -1 where the cursor is elsewhere. */
  place: number;
  open: boolean;
}

/** One event in the list. Clicks are the table's: a row has no handlers of its own. */
export function EventRowView({ row, index, columns, rowHeight, narrow, place, open }: EventRowProps) {
  const cells = cellsOf(row, columns);
  const kind = `row${place >= 0 ? ' at' : ''}${open ? ' open' : ''}`;
  const style = { transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` };
  if (narrow) return <NarrowRow {...{ row, index, kind, style, cells, columns, open }} />;
  return (
    <div
      class={kind}
      role="row"
      id={`row-${index}`}
      data-row={index}
      aria-rowindex={index + 2}
      aria-selected={open}
      style={style}
    >
      {cells.map((pieces, i) => (
        <span key={columns[i]!.id} role="gridcell" aria-colindex={i + 1} class={columns[i]!.numeric ? 'num' : ''}>
          {columns[i]!.id === 'time' ? (
            <Time ts={row.ts} />
          ) : (
            pieces.map((piece, n) => <PieceView key={n} piece={piece} at={place} />)
          )}
        </span>
      ))}
    </div>
  );
}

function Time({ ts }: { ts: number }) {
  const { date, time, fraction } = localParts(ts);
  // Where room is short the day is left out, but only today's.
  const today = date === localParts(nowMicros()).date;
  return (
    <time
      class={today ? 'today' : ''}
      onPointerEnter={(event) => (event.currentTarget.title = timeTitle(ts, nowMicros() / 1000))}
    >
      <span class="muted date">
        <span class="year">{date.slice(0, 5)}</span>
        {date.slice(5)}{' '}
      </span>
      {time}
      <span class="muted">.{fraction.slice(0, 3)}</span>
    </time>
  );
}

function PieceView({ piece, at }: { piece: PlacedPiece; at: number }) {
  const { field, value = null, text, quiet, place } = piece;
  if (field === undefined) return <span class="muted word">{text}</span>;
  const kind = `v${isMono(field) ? ' mono' : ''}${quiet ? ' muted' : ''}${text?.startsWith(':') ? ' port' : ''}${place === at ? ' cursor' : ''}`;
  return (
    <bdi
      class={kind}
      data-value={place}
      title={typeof value === 'string' && value.length > 18 ? shownText(value, 1200) : undefined}
    >
      {field === 'event.action' && <i class="dot" style={{ background: `var(${typeColour(String(value))})` }} />}
      {field === 'event.severity' && (
        <i class="dot" style={{ background: `var(${severityColour(value as number)})` }} />
      )}
      {typeof value === 'string' && isAddressField(field) && <SideMark address={value} />}
      {text ?? (value === '' ? '(empty)' : shownText(value, 240, field))}
    </bdi>
  );
}

interface NarrowRowProps {
  row: EventRow;
  index: number;
  kind: string;
  style: Record<string, string>;
  cells: PlacedPiece[][];
  columns: readonly Column[];
  open: boolean;
}

/** Two lines on a narrow screen: when, what and between whom; below it what the event says. */
function NarrowRow({ row, index, kind, style, cells, columns, open }: NarrowRowProps) {
  const rest = cells.flatMap((pieces, i) =>
    ['time', 'event.action', 'event.severity'].includes(columns[i]!.id) ? [] : pieces,
  );
  const severity = row['event.severity'];
  const said = rest.filter(({ field }) => !isEndpoint(field));
  return (
    <div
      class={`${kind} two`}
      role="row"
      id={`row-${index}`}
      data-row={index}
      aria-rowindex={index + 2}
      aria-selected={open}
      style={style}
    >
      <span role="gridcell">
        <Time ts={row.ts} />
        <span class="what">
          <i class="dot" style={{ background: `var(${typeColour(String(row['event.action']))})` }} />
          {shownText(row['event.action'] ?? null, 20)}
          {severity !== null && severity !== undefined && (
            <b style={{ color: `var(${severityColour(severity)})` }}>
              {' '}
              {severity} {severityWord(severity)}
            </b>
          )}
        </span>
      </span>
      <span role="gridcell">
        {said.map((piece, n) => (
          <PieceView key={n} piece={piece} at={-1} />
        ))}
      </span>
      <span role="gridcell" class="muted">
        <Ends row={row} />
      </span>
    </div>
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
