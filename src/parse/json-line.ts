import { isUtf8 } from 'node:buffer';
import type { JsonObject } from '../event/json.ts';
import { JsonSyntaxError, jsonError, readJson } from '../event/lossless-json.ts';
import type { Reject } from './parser.ts';

/** Lines that hold one JSON object each: what every such format needs before it looks at fields. */

/** Nesting deeper than this is nobody's log; building it would take gigabytes. Only lines that are long enough to matter are checked. */
const MAX_DEPTH = 100_000;
const CHECK_DEPTH_FROM = 2 * MAX_DEPTH;

/** The object of a line, or why there is none. (Not told apart by their keys: a line may have a key `code`.) */
export type LineObject =
  | { eve: JsonObject; repeats: boolean; reject: null }
  | { eve: null; repeats: false; reject: Reject };

const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const bounds = { start: 0, end: 0 };

/**
 * Cuts what is no part of the object and comes from the world rather than from the writer: NULs (a file system after a crash) and a byte
 * order mark before it, blanks, carriage return and NULs behind it. The object is shared: read it at once.
 */
export function trimLine(bytes: Buffer, start: number, end: number): { start: number; end: number } {
  let from = start;
  let to = end;
  for (; from < to; from++) {
    const byte = bytes[from]!;
    if (byte === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf && from + 2 < to) from += 2;
    else if (byte !== 0 && byte !== 32 && byte !== 9 && byte !== 13) break;
  }
  for (; to > from; to--) {
    const byte = bytes[to - 1]!;
    if (byte !== 0 && byte !== 32 && byte !== 9 && byte !== 13) break;
  }
  bounds.start = from;
  bounds.end = to;
  return bounds;
}

/**
 * The object of a line by `JSON.parse`: fast, but large integers are rounded and of repeated keys the last wins. Bytes that are no UTF-8 read as
 * U+FFFD.
 */
export function parseObject(bytes: Buffer, start: number, end: number): LineObject {
  const { start: from, end: to } = trimLine(bytes, start, end);
  if (from === to) return refuse(BLANK);
  if (to - from > CHECK_DEPTH_FROM) {
    const deep = tooDeep(bytes, from, to);
    if (deep !== null) return refuse(deep);
  }
  // As a rule no JSON. JSON.parse would take a tenth of a millisecond to say so: it makes a script of what it refuses.
  if (bytes[from] !== OPEN_BRACE || bytes[to - 1] !== CLOSE_BRACE) {
    const text = bytes.toString('utf8', from, to);
    const error = jsonError(text);
    if (error !== null) return refuse(explain(bytes, from, to, start, text, error));
  }
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8', from, to));
  } catch {
    return refuse(explain(bytes, from, to, start));
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return { eve: value as JsonObject, repeats: false, reject: null };
  }
  return refuse(notAnObject(value));
}

/** The object of a line without any loss, or the same reject as {@link parseObject}. */
export function readObject(line: Buffer): LineObject {
  const { start, end } = trimLine(line, 0, line.length);
  if (start === end) return refuse(BLANK);
  if (end - start > CHECK_DEPTH_FROM) {
    const deep = tooDeep(line, start, end);
    if (deep !== null) return refuse(deep);
  }
  try {
    const { value, repeats } = readJson(line.toString('utf8', start, end));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { eve: value, repeats, reject: null };
    return refuse(notAnObject(value));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return refuse(explain(line, start, end, 0));
  }
}

const BLANK: Reject = { code: 'blank_line', detail: 'Nothing but blanks.' };

function refuse(reject: Reject): LineObject {
  return { eve: null, repeats: false, reject };
}

function notAnObject(value: unknown): Reject {
  const what = Array.isArray(value)
    ? 'an array'
    : value === null
      ? 'null'
      : `a ${typeof value === 'bigint' ? 'number' : typeof value}`;
  return { code: 'not_an_object', detail: `The line is ${what}.` };
}

/** Says where and why a line is no JSON. Only called on lines that are none. */
function explain(
  bytes: Buffer,
  from: number,
  to: number,
  lineStart: number,
  text = bytes.toString('utf8', from, to),
  error = jsonError(text),
): Reject {
  let detail = 'JSON.parse refused it.';
  if (error !== null) {
    const { message, position } = error;
    const byte = from - lineStart + Buffer.byteLength(text.slice(0, position));
    const near = text.slice(Math.max(0, position - 15), position + 15);
    detail = `Byte ${byte}: ${message}, near ${JSON.stringify(near)}.`;
  }
  return { code: isUtf8(bytes.subarray(from, to)) ? 'not_json' : 'not_utf8', detail };
}

/** Counts brackets outside of strings. */
function tooDeep(bytes: Buffer, from: number, to: number): Reject | null {
  let depth = 0;
  let quoted = false;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte === 34) quoted = !quoted;
    else if (quoted) {
      if (byte === 92) i++;
    } else if (byte === 123 || byte === 91) {
      if (++depth > MAX_DEPTH)
        return { code: 'not_json', detail: `Byte ${i - from}: nested deeper than ${MAX_DEPTH} levels.` };
    } else if (byte === 125 || byte === 93) {
      depth--;
    }
  }
  return null;
}
