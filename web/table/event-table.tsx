import { useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { EventRow } from '../../src/view/api.ts';
import type { Column } from './columns.ts';
import { timeTitle } from '../part/format.ts';
import { isAddressField, isInside } from '../part/inside.ts';
import { titleText } from '../part/text.ts';
import { type FieldValue, openValueMenu, pointed } from '../part/value-menu.tsx';
import { nowMicros } from '../state/live.ts';
import { EventRowView } from './event-row.tsx';
import { valuesOf } from './pieces.ts';
import { rowWindow, scrollTo } from './window.ts';

interface EventTableProps {
  rows: readonly EventRow[];
  columns: readonly Column[];
  rowHeight: number;
  narrow: boolean;
  /** Beside an open event: less room. */
  tight: boolean;
  stale: boolean;
  /** Index of the row under the keyboard's cursor, -1 for none, and of the value in it. */
  cursor: number;
  place: number;
  openId: string | null;
  box: RefObject<HTMLDivElement | null>;
  onOpen(index: number): void;
  onHeader(column: Column, anchor: Element): void;
  /** More rows may be asked for, which is done when the end comes near. */
  more: boolean;
  onEnd(): void;
  onPointer(inside: boolean): void;
  onScroll(top: number): void;
}

/** The list: rows of one height, of which only those in sight exist. */
export function EventTable(props: EventTableProps) {
  const { rows, columns, rowHeight, narrow, cursor, place, openId, box } = props;
  const at = useSignal({ top: 0, height: 600 });
  const { first, end } = rowWindow(at.value.top, at.value.height, rowHeight, rows.length);
  const frame = useRef(0);

  const measure = (): void => {
    frame.current = 0;
    const element = box.current;
    if (!element) return;
    const next = { top: element.scrollTop, height: element.clientHeight };
    if (next.top !== at.peek().top || next.height !== at.peek().height) at.value = next;
    props.onScroll(next.top);
  };
  const scrolled = (): void => {
    if (frame.current === 0) frame.current = requestAnimationFrame(measure);
  };
  useLayoutEffect(() => {
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  // A stale closure must not ask for a page too many: whether there is more is told with the rows it belongs to.
  useEffect(() => {
    if (props.more && rows.length > 0 && end > rows.length - 200) props.onEnd();
  }, [end, rows.length, props.more]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || cursor < 0) return;
    const head = element.querySelector<HTMLElement>('.row.head')?.offsetHeight ?? 0;
    const to = scrollTo(cursor, element.scrollTop, element.clientHeight - head, rowHeight);
    if (to !== null) element.scrollTop = to;
  }, [cursor]);

  /** The value that an element of a row shows. */
  const valueAt = (target: EventTarget | null) => {
    const element = (target as Element | null)?.closest?.('[data-value]');
    const row = element?.closest<HTMLElement>('[data-row]');
    if (!element || !row) return null;
    const event = rows[Number(row.dataset['row'])];
    const found = event && valuesOf(event, columns)[Number((element as HTMLElement).dataset['value'])];
    return found ? { element: element as HTMLElement, ...found } : null;
  };

  return (
    <div
      ref={box}
      class={`table${props.stale ? ' stale' : ''}${narrow ? ' narrow' : ''}${props.tight ? ' tight' : ''}`}
      role="grid"
      aria-label="Events"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={cursor >= first && cursor < end ? `row-${cursor}` : undefined}
      tabIndex={0}
      style={{ '--cols': widths(columns, props.tight), '--least': `${leastWidth(columns, props.tight)}px` }}
      onScroll={scrolled}
      onPointerEnter={() => props.onPointer(true)}
      onPointerLeave={() => {
        props.onPointer(false);
        pointed.value = null;
      }}
      onPointerOver={(event) => {
        const found = valueAt(event.target);
        // What is complete is made only where somebody looks.
        if (found) found.element.title = hoverText(found);
        else hoverTime(event.target, rows);
        pointed.value = found && { field: found.field, value: found.value };
      }}
      onClick={(event) => {
        const value = valueAt(event.target);
        if (value) return openValueMenu(value.element, { field: value.field, value: value.value });
        const row = (event.target as Element).closest<HTMLElement>('[data-row]');
        // Text that was just marked to be copied is no wish to open.
        if (row && getSelection()?.isCollapsed !== false) props.onOpen(Number(row.dataset['row']));
      }}
    >
      {!narrow && (
        <div class="row head" role="row" aria-rowindex={1}>
          {columns.map((column, index) => (
            <span key={column.id} role="columnheader" aria-colindex={index + 1} class={column.numeric ? 'num' : ''}>
              <button
                aria-haspopup="dialog"
                title={`${column.title}: top values, move, take out`}
                onClick={(event) => props.onHeader(column, event.currentTarget)}
              >
                {column.title}
              </button>
            </span>
          ))}
        </div>
      )}
      <div class="rows" role="rowgroup" style={{ height: `${rows.length * rowHeight}px` }}>
        {slots(first, end).map(
          (index, slot) =>
            index < end && (
              <EventRowView
                key={slot}
                row={rows[index]!}
                index={index}
                columns={columns}
                rowHeight={rowHeight}
                narrow={narrow}
                tight={props.tight}
                place={cursor === index ? place : -1}
                open={rows[index]!.id === openId}
              />
            ),
        )}
      </div>
    </div>
  );
}

/**
 * The rows [first, end), each in the slot that it keeps while it is in sight: elements are neither made, removed nor moved by scrolling, which is
 * what scrolling would cost. Their order in the document is not that of the rows; aria-rowindex tells it. A slot without a row has `end`.
 */
function slots(first: number, end: number): number[] {
  const count = Math.ceil((end - first) / 16) * 16;
  return Array.from({ length: count }, (_, slot) =>
    Math.min(end, first + ((((slot - first) % count) + count) % count)),
  );
}

/** Least width of the column that takes what is left. */
const FLEXIBLE = 260;

function hoverText({ field, value }: FieldValue): string {
  const text = `${field}: ${titleText(value)}`;
  if (typeof value !== 'string' || !isAddressField(field)) return text;
  return `${text}\n${isInside(value) ? 'internal' : 'external'} address`;
}

function hoverTime(target: EventTarget | null, rows: readonly EventRow[]): void {
  const time = (target as Element | null)?.closest?.('time');
  const row = rows[Number(time?.closest<HTMLElement>('[data-row]')?.dataset['row'])];
  if (time && row) time.title = timeTitle(row.ts, nowMicros() / 1000);
}

function widthOf({ width, tight }: Column, isTight: boolean): number | null {
  return isTight && tight !== undefined ? tight : width;
}

function widths(columns: readonly Column[], tight: boolean): string {
  const flexible = columns.some(({ width }) => width === null);
  return columns
    .map((column, index) => {
      const width = widthOf(column, tight);
      const takesRest = width === null || (!flexible && index === columns.length - 1);
      return takesRest ? `minmax(${width ?? FLEXIBLE}px, 1fr)` : `${width}px`;
    })
    .join(' ');
}

function leastWidth(columns: readonly Column[], tight: boolean): number {
  return columns.reduce((all, column) => all + (widthOf(column, tight) ?? FLEXIBLE), 0) + 16;
}
