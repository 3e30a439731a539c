import type { JsonValue } from '../event/json.ts';

export interface DocumentJsonOptions {
  /** Integers beyond 2^53: `tagged` as `{"$int":"…"}` for browsers, whose numbers cannot hold them; `digits` as they are, for files. */
  bigints: 'tagged' | 'digits';
  /** What lies deeper is replaced by a sentence: neither this writer nor a reader's parser may run out of stack. */
  maxDepth?: number;
}

/** A document as JSON text. Null prototypes, `__proto__` keys, lone surrogates and deep nesting are all fine. */
export function documentJson(value: JsonValue, options: DocumentJsonOptions): string {
  return write(value, options, options.maxDepth ?? 200);
}

function write(value: JsonValue, options: DocumentJsonOptions, left: number): string {
  if (typeof value === 'bigint') return options.bigints === 'tagged' ? `{"$int":"${value}"}` : String(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (left === 0) return '"… nested deeper than is shown here; the raw line has all of it"';
  if (Array.isArray(value)) return `[${value.map((item) => write(item, options, left - 1)).join(',')}]`;
  const members = Object.keys(value).map((key) => `${JSON.stringify(key)}:${write(value[key]!, options, left - 1)}`);
  return `{${members.join(',')}}`;
}
