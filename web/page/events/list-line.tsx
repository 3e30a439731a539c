import { useRef, useState } from 'preact/hooks';
import { exact, plural } from '../../part/format.ts';
import { Floating, menuKeys } from '../../part/floating.tsx';
import { Icon } from '../../part/icon.tsx';
import { MISSING } from '../../part/notice.tsx';
import { address, go } from '../../state/address.ts';
import { apiPath } from '../../state/api.ts';
import * as list from '../../state/list.ts';
import { type Bounds, isOpen } from '../../state/range.ts';
import type { Column } from '../../table/columns.ts';
import { ColumnChoice } from './column-choice.tsx';
import type { Tail } from './use-tail.ts';

interface ListLineProps {
  /** All events that match, from the histogram; null while it is counted. */
  total: number | null;
  /** The histogram, and so the total, may lack events. */
  incomplete: boolean;
  bounds: Bounds;
  columns: readonly Column[];
  tail: Tail;
  again(): void;
}

/** Between histogram and list: how many, how far, what waits, and what can be done. */
export function ListLine({ total, incomplete, bounds, columns, tail, again }: ListLineProps) {
  const { range, sort } = address.value;
  const live = address.value.live && sort === 'newest';
  const grows = isOpen(range) && sort === 'newest';
  return (
    <div class="list-line">
      {live && (
        <span class="live-word" title="New events enter the list by themselves">
          <i /> live
        </span>
      )}
      <Said total={total} incomplete={incomplete} />
      <Waiting tail={tail} live={live} />
      <span class="list-buttons">
        <button
          class={live ? 'live on' : 'live'}
          aria-pressed={live}
          disabled={!grows}
          title={
            grows
              ? `${live ? 'Pause' : 'Let new events in as they come'} (p)`
              : sort === 'oldest'
                ? 'Live goes with the newest first'
                : 'The range has an end, so nothing new belongs to it'
          }
          onClick={() => go({ live: !live }, 'replace')}
        >
          <Icon name={live ? 'pause' : 'play'} /> {live ? 'Pause' : 'Go live'}
        </button>
        <ColumnChoice />
        <Export bounds={bounds} columns={columns} total={total} />
        <button class="plain" title="Ask again (r)" aria-label="Ask again" onClick={again}>
          <Icon name="again" />
        </button>
      </span>
    </div>
  );
}

/** One sentence about the list, always in the same place. */
function Said({ total, incomplete }: { total: number | null; incomplete: boolean }) {
  const phase = list.phase.value;
  const loaded = list.rows.value.length;
  const progress = list.progress.value;
  if (phase === 'searching') {
    return (
      <span class="said" role="status">
        <span class="busy" aria-hidden="true" />
        {list.stale.value ? 'Searching; the list below is from before' : `Searching, ${plural(loaded, 'event')} so far`}
        {progress && `: ${exact(progress.done)} of ${plural(progress.total, 'segment')}, ${address.value.sort} first`}
        {progress && (
          <progress value={progress.done} max={Math.max(1, progress.total)} aria-label="Segments searched" />
        )}
        <button onClick={list.cancel}>Cancel</button>
      </span>
    );
  }
  return (
    <span class="said" role="status">
      <b class="num">
        {total === null ? `${exact(loaded)}${list.hasMore.value ? '+' : ''}` : exact(Math.max(total, loaded))}
      </b>{' '}
      {total === 1 ? 'event' : 'events'}
      {loaded > 0 && list.hasMore.value && (
        <span class="muted"> · newest {exact(loaded)} loaded, more as you scroll</span>
      )}
      {phase === 'cancelled' && (
        <span class="warn">
          {' '}
          · cancelled{progress ? ` after ${exact(progress.done)} of ${plural(progress.total, 'segment')}` : ''}: older
          ones may be missing
        </span>
      )}
      {phase === 'done' && list.partial.value && address.value.sort === 'oldest' && (
        <span class="muted"> · the oldest {exact(loaded)} shown</span>
      )}
      {phase === 'done' && (incomplete || (list.partial.value && address.value.sort === 'newest')) && (
        <span class="warn"> · {MISSING}</span>
      )}
      {phase === 'failed' && loaded > 0 && <span class="warn"> · the search broke off: older ones are missing</span>}
    </span>
  );
}

const HELD = {
  pointer: 'held while you point at the list',
  scrolled: 'held while you read further down',
  open: 'held while an event is open',
} as const;

function Waiting({ tail, live }: { tail: Tail; live: boolean }) {
  const count = list.waiting.value.length;
  if (list.overflow.value !== null)
    return (
      <button class="waiting" onClick={tail.show}>
        {list.overflow.value === 'many'
          ? '↑ Many new events: show the newest'
          : '↑ New events may have come: show the newest'}
      </button>
    );
  if (count === 0 || (live && tail.held === null)) return null;
  return (
    <button class="waiting" title={tail.held ? HELD[tail.held] : 'They came since you asked (n)'} onClick={tail.show}>
      ↑ {exact(count)} new
    </button>
  );
}

const FORMATS = [
  { format: 'csv', words: 'CSV', title: 'The shown columns, for a spreadsheet; texts cannot run as formulas' },
  { format: 'ndjson', words: 'NDJSON', title: 'Each event’s whole ECS document, one a line' },
  { format: 'raw', words: 'Raw lines', title: 'The lines as they were written, byte for byte' },
] as const;

function Export({ bounds, columns, total }: { bounds: Bounds; columns: readonly Column[]; total: number | null }) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const { q, sort } = address.value;
  const fields = ['@timestamp', ...new Set(columns.flatMap(({ needs }) => needs))];
  return (
    <>
      <button ref={button} aria-label="Export" aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(true)}>
        <Icon name="download" /> <span class="wide-only">Export</span>
      </button>
      {open && (
        <Floating anchor={button.current!} label="Export" role="menu" class="menu" onClose={() => setOpen(false)}>
          <div class="menu-head" role="presentation">
            The whole result{total === null ? '' : `: ${plural(total, 'event')}`}
          </div>
          <div role="presentation" onKeyDown={menuKeys}>
            {FORMATS.map(({ format, words, title }) => (
              <a
                key={format}
                role="menuitem"
                title={title}
                download
                href={apiPath('export', {
                  q,
                  ...bounds,
                  format,
                  sort,
                  columns: format === 'csv' ? fields.join(',') : null,
                })}
                onClick={() => setOpen(false)}
              >
                {words} <span class="muted">{title}</span>
              </a>
            ))}
          </div>
        </Floating>
      )}
    </>
  );
}
