import { MARKER } from '../../probe/token.ts';

/**
 * Which lines of eve.json are worth parsing for the heartbeat: stats events, and alerts that carry one of our sids or a token's marker.
 *
 * Every line of every log passes here, so it looks at bytes only, makes no objects, and reads a line of another type to its type and no
 * further. It may say yes to a line that is not ours (the matcher decides), but never no to one that is.
 */

/** Suricata writes the type behind timestamp, flow_id, in_iface and pcap_cnt; this far is far enough. */
const HEAD_BYTES = 512;

interface Needle {
  bytes: Uint8Array;
  /** Boyer, Moore, Horspool: how far to go on by the byte under the needle's end. */
  skip: Uint8Array;
}

function needle(text: string): Needle {
  const bytes = new TextEncoder().encode(text);
  const skip = new Uint8Array(256).fill(bytes.length);
  for (let i = 0; i < bytes.length - 1; i++) skip[bytes[i]!] = bytes.length - 1 - i;
  return { bytes, skip };
}

const EVENT_TYPE = needle('"event_type":');
const SIGNATURE_ID = needle('"signature_id":');
const MARK = needle(MARKER);

/** Index behind the first occurrence that ends before `end`, or -1. `Buffer.indexOf` has no end and would run on through the chunk. */
function behind(haystack: Uint8Array, { bytes, skip }: Needle, start: number, end: number): number {
  const last = bytes.length - 1;
  for (let at = start + last; at < end; at += skip[haystack[at]!]!) {
    let i = 0;
    while (i <= last && haystack[at - i] === bytes[last - i]) i++;
    if (i > last) return at + 1;
  }
  return -1;
}

function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] === 32) at++;
  return at;
}

/** True where a word stands at `at` as a JSON string. */
function isWord(bytes: Uint8Array, at: number, end: number, word: Uint8Array): boolean {
  if (at + word.length > end) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

const STATS = new TextEncoder().encode('"stats"');
const ALERT = new TextEncoder().encode('"alert"');

/** The line is `bytes` from `start` up to, not including, `end`. */
export function wantsLine(sids: ReadonlySet<number>, bytes: Uint8Array, start: number, end: number): boolean {
  const found = behind(bytes, EVENT_TYPE, start, Math.min(end, start + HEAD_BYTES));
  if (found < 0) return false;
  const type = skipBlanks(bytes, found, end);
  if (isWord(bytes, type, end, STATS)) return true;
  if (!isWord(bytes, type, end, ALERT)) return false;
  for (let at = behind(bytes, SIGNATURE_ID, type, end); at >= 0; at = behind(bytes, SIGNATURE_ID, at, end)) {
    if (sids.has(numberAt(bytes, skipBlanks(bytes, at, end), end))) return true;
  }
  return behind(bytes, MARK, type, end) >= 0;
}

/** At most ten digits, as sids have; -1 where none stands. */
function numberAt(bytes: Uint8Array, at: number, end: number): number {
  let value = -1;
  for (const stop = Math.min(end, at + 10); at < stop; at++) {
    const digit = bytes[at]! - 48;
    if (digit < 0 || digit > 9) break;
    value = (value < 0 ? 0 : value * 10) + digit;
  }
  return value;
}
