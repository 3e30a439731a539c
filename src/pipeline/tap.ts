import { COLUMN_INDEX } from '../event/columns.ts';
import type { Row } from '../event/row.ts';

export type TappedType = 'alert' | 'stats';

/** Looks at lines on their way into the store. */
export interface Tap {
  /**
   * Called for alerts and stats events alone (Suricata's event types), with the bytes `[start, end)` of the line, which live no longer than the
   * call. What it gives back is called once the line is committed; never where its commit fails (the line comes again then).
   */
  line(type: TappedType, source: string, bytes: Buffer, start: number, end: number): (() => void) | null;
}

const ACTION = COLUMN_INDEX.event_action;

/** The whole cost for a line that is none of the tap's: one cell and two comparisons. */
export function tappedType(row: Row): TappedType | null {
  const action = row[ACTION];
  return action === 'alert' || action === 'stats' ? action : null;
}
