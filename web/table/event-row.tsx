import { Component } from 'preact';
import type { EventRow } from '../../src/view/api.ts';
import type { Column } from './columns.ts';
import { NarrowRow } from './narrow-row.tsx';
import { Pieces, Time } from './piece-view.tsx';
import { cellsOf } from './pieces.ts';

interface EventRowProps {
  row: EventRow;
  index: number;
  columns: readonly Column[];
  rowHeight: number;
  narrow: boolean;
  /** Beside an open event there is less room: no year, and no day where it is today's. */
  tight: boolean;
  /** Number of the value under the cursor; -1 where the cursor is elsewhere. */
  place: number;
  open: boolean;
}

/**
 * One event in the list. Few elements and no handlers of its own, because dozens of rows change with each frame of fast scrolling; a row that
 * shows the same as before is left alone.
 */
export class EventRowView extends Component<EventRowProps> {
  override shouldComponentUpdate(next: EventRowProps): boolean {
    const now = this.props;
    return (
      next.row !== now.row ||
      next.index !== now.index ||
      next.place !== now.place ||
      next.open !== now.open ||
      next.columns !== now.columns ||
      next.tight !== now.tight ||
      next.narrow !== now.narrow
    );
  }

  override render({ row, index, columns, rowHeight, narrow, tight, place, open }: EventRowProps) {
    const cells = cellsOf(row, columns);
    return (
      <div
        class={`row${narrow ? ' lines' : ''}${place >= 0 ? ' at' : ''}${open ? ' open' : ''}`}
        role="row"
        id={`row-${index}`}
        data-row={index}
        aria-rowindex={index + 2}
        aria-selected={open}
        style={{ transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` }}
      >
        {narrow ? (
          <NarrowRow row={row} cells={cells} columns={columns} />
        ) : (
          cells.map((pieces, i) => (
            <span key={columns[i]!.id} role="gridcell" class={columns[i]!.numeric ? 'num' : ''}>
              {columns[i]!.id === 'time' ? <Time ts={row.ts} tight={tight} /> : <Pieces pieces={pieces} at={place} />}
            </span>
          ))
        )}
      </div>
    );
  }
}
