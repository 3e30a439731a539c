/**
 * The name of a stored event in addresses and answers: `FILEID-OFFSET-TS`, such as `00c0ffee00c0ffee-1048576-1795545280303117`.
 * File identity and offset name the event for ever; the time (microseconds, may be negative) only makes the look-up fast.
 */
const EVENT_ID = /^([0-9a-f]{16})-(\d{1,16})-(-?\d{1,16})$/;

export function formatEventId(id: { file_id: string; offset: number; ts: number }): string {
  return `${id.file_id}-${id.offset}-${id.ts}`;
}

/** Null where the text is no event id. */
export function parseEventId(text: string): { file_id: string; offset: number; ts: number } | null {
  const match = EVENT_ID.exec(text);
  if (match === null) return null;
  const [offset, ts] = [Number(match[2]), Number(match[3])];
  return Number.isSafeInteger(offset) && Number.isSafeInteger(ts) ? { file_id: match[1]!, offset, ts } : null;
}
