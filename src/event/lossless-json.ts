import { bareObject, type JsonObject, type JsonValue } from './json.ts';

/**
 * JSON (RFC 8259) without loss. What `JSON.parse` calls valid is valid here and nothing else is, but
 *
 * - an integer that a double cannot hold exactly (beyond 2^53 - 1) becomes a `bigint`: Suricata writes 64-bit session ids and frame lengths;
 * - a key that stands twice in one object keeps ALL its values, as an array in their order (see {@link isRepeated}): Suricata's IKE proposals
 *   do that, and with `JSON.parse` the last value would silently win;
 * - objects have no prototype, so a key such as `__proto__` is a key like any other;
 * - nesting is only bounded by memory: nothing here calls itself.
 */

/** Why a text is no JSON. */
export class JsonSyntaxError extends Error {
  /** UTF-16 offset in the text. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.name = 'JsonSyntaxError';
    this.position = position;
  }
}

/** Integers with more digits than this stay text: making a bigint of millions of digits takes longer than is good for anyone. */
const MAX_INTEGER_DIGITS = 4096;

/** Characters of a string that stand for themselves. */
const RUN = /[^"\\\u0000-\u001f]*/y;

const QUOTE = 34;
const BACKSLASH = 92;

const repeated = new WeakSet<readonly JsonValue[]>();

/** True for an array that stands for the values of a key that an object had more than once; false for an array of the text. */
export function isRepeated(value: JsonValue | undefined): value is JsonValue[] {
  return Array.isArray(value) && repeated.has(value);
}

/** Marks a copy of a repeated key's values as such. */
export function markRepeated(values: JsonValue[]): JsonValue[] {
  repeated.add(values);
  return values;
}

/** What {@link parseLossless} found besides the value. */
export interface LosslessResult {
  value: JsonValue;
  /** True where some object has a key more than once. */
  repeats: boolean;
}

/** @throws {JsonSyntaxError} and nothing else */
export function parseLossless(text: string): JsonValue {
  return readJson(text).value;
}

/** Like {@link parseLossless}, and tells whether a key was repeated. @throws {JsonSyntaxError} */
export function readJson(text: string): LosslessResult {
  return new Reader(text).read(true);
}

/** Where and why a text is no JSON; null where it is. Builds nothing, so that a line nested ten thousand deep costs no more than its length. */
export function jsonError(text: string): JsonSyntaxError | null {
  // Nobody looks at where in this program a line was refused, and finding that out takes longer than the reading.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    new Reader(text).read(false);
    return null;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function setKey(object: JsonObject, key: string, value: JsonValue): boolean {
  const old = object[key];
  // An own property of a null-prototype object is undefined only where it is missing: JSON has no undefined.
  if (old === undefined) {
    object[key] = value;
    return false;
  }
  if (isRepeated(old)) old.push(value);
  else object[key] = markRepeated([old, value]);
  return true;
}

/** Stand for containers that are only checked. */
const ANY_ARRAY: JsonValue[] = [];
const ANY_OBJECT: JsonObject = bareObject();

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** @param build false: only checks; the value returned means nothing */
  read(build: boolean): LosslessResult {
    // The open containers, and for each object the key whose value is being read.
    const stack: (JsonValue[] | JsonObject)[] = [];
    const keys: string[] = [];
    let repeats = false;
    for (;;) {
      let value: JsonValue;
      this.skipBlanks();
      const code = this.text.charCodeAt(this.at);
      if (code === 123 || code === 91) {
        this.at++;
        const container = build ? (code === 91 ? [] : bareObject()) : code === 91 ? ANY_ARRAY : ANY_OBJECT;
        this.skipBlanks();
        if (this.text.charCodeAt(this.at) !== code + 2) {
          stack.push(container);
          if (code === 123) {
            const key = this.key();
            if (build) keys.push(key);
          }
          continue;
        }
        this.at++;
        value = container;
      } else {
        value = this.scalar(code);
      }
      // The value is whole: put it where it belongs, and close what ends behind it.
      for (;;) {
        const container = stack.at(-1);
        this.skipBlanks();
        if (container === undefined) {
          if (this.at < this.text.length) this.fail('unexpected text behind the value');
          return { value, repeats };
        }
        const next = this.text.charCodeAt(this.at);
        if (Array.isArray(container)) {
          if (build) container.push(value);
          if (next === 44) {
            this.at++;
            break;
          }
          if (next !== 93) this.fail('expected "," or "]"');
        } else {
          if (build && setKey(container, keys.pop()!, value)) repeats = true;
          if (next === 44) {
            this.at++;
            this.skipBlanks();
            const key = this.key();
            if (build) keys.push(key);
            break;
          }
          if (next !== 125) this.fail('expected "," or "}"');
        }
        this.at++;
        stack.pop();
        value = container;
      }
    }
  }

  private fail(message: string, position = this.at): never {
    throw new JsonSyntaxError(
      position >= this.text.length ? 'unexpected end' : message,
      Math.min(position, this.text.length),
    );
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at++;
    }
  }

  private key(): string {
    if (this.text.charCodeAt(this.at) !== QUOTE) this.fail('expected a key in quotes');
    const key = this.string();
    this.skipBlanks();
    if (this.text.charCodeAt(this.at) !== 58) this.fail('expected ":"');
    this.at++;
    return key;
  }

  private scalar(code: number): JsonValue {
    if (code === QUOTE) return this.string();
    if (code === 45 || (code >= 48 && code <= 57)) return this.number();
    if (code === 116) return this.word('true', true);
    if (code === 102) return this.word('false', false);
    if (code === 110) return this.word('null', null);
    return this.fail('expected a value');
  }

  private word(word: string, value: JsonValue): JsonValue {
    for (let i = 0; i < word.length; i++)
      if (this.text.charCodeAt(this.at + i) !== word.charCodeAt(i)) this.fail(`expected ${word}`, this.at + i);
    this.at += word.length;
    return value;
  }

  private digits(): void {
    const start = this.at;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (!(code >= 48 && code <= 57)) break;
      this.at++;
    }
    if (this.at === start) this.fail('expected a digit');
  }

  private number(): JsonValue {
    const start = this.at;
    if (this.text.charCodeAt(this.at) === 45) this.at++;
    if (this.text.charCodeAt(this.at) === 48) this.at++;
    else this.digits();
    let integer = true;
    if (this.text.charCodeAt(this.at) === 46) {
      integer = false;
      this.at++;
      this.digits();
    }
    if ((this.text.charCodeAt(this.at) | 32) === 101) {
      integer = false;
      this.at++;
      const sign = this.text.charCodeAt(this.at);
      if (sign === 43 || sign === 45) this.at++;
      this.digits();
    }
    const length = this.at - start;
    const literal = this.text.slice(start, this.at);
    if (integer && length > 15) {
      if (length > MAX_INTEGER_DIGITS) return literal;
      const big = BigInt(literal);
      return big > Number.MAX_SAFE_INTEGER || big < Number.MIN_SAFE_INTEGER ? big : Number(literal);
    }
    return Number(literal);
  }

  private string(): string {
    const text = this.text;
    let whole = '';
    for (let start = ++this.at; ; start = this.at) {
      // A sticky search runs over plain text several times faster than a loop; it is one pass, each character is looked at once.
      RUN.lastIndex = start;
      RUN.test(text);
      this.at = RUN.lastIndex;
      const run = text.slice(start, this.at);
      const code = text.charCodeAt(this.at);
      if (code === QUOTE) {
        this.at++;
        return whole === '' ? run : whole + run;
      }
      // A character below the blank, or the end of the text.
      if (code !== BACKSLASH) this.fail('control character in a string');
      whole += run + this.escape();
    }
  }

  /** One escape sequence; lone surrogates survive as they are. */
  private escape(): string {
    const code = this.text.charCodeAt(++this.at);
    this.at++;
    switch (code) {
      case QUOTE:
      case BACKSLASH:
      case 47:
        return String.fromCharCode(code);
      case 98:
        return '\b';
      case 102:
        return '\f';
      case 110:
        return '\n';
      case 114:
        return '\r';
      case 116:
        return '\t';
      case 117: {
        let value = 0;
        for (let end = this.at + 4; this.at < end; this.at++) {
          const digit = hexDigit(this.text.charCodeAt(this.at));
          if (digit < 0) this.fail('expected four hexadecimal digits');
          value = value * 16 + digit;
        }
        return String.fromCharCode(value);
      }
      default:
        return this.fail('unknown escape', this.at - 1);
    }
  }
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/**
 * JSON text of a value, without blanks; a `bigint` becomes a bare integer, a double beyond the range of doubles stays one (`1e999`), lone
 * surrogates are escaped. Values of a repeated key are written as an array. Nesting is only bounded by memory.
 */
export function stringifyLossless(value: JsonValue): string {
  let text = '';
  const stack: Open[] = [];
  let current: JsonValue = value;
  for (;;) {
    if (typeof current === 'object' && current !== null) {
      const keys = Array.isArray(current) ? null : Object.keys(current);
      stack.push({
        container: current,
        keys,
        next: 0,
        length: keys === null ? (current as JsonValue[]).length : keys.length,
      });
      text += keys === null ? '[' : '{';
    } else {
      text += scalarText(current);
    }
    // On to the next value; containers that have none left are closed.
    for (;;) {
      const top = stack.at(-1);
      if (top === undefined) return text;
      if (top.next < top.length) {
        if (top.next > 0) text += ',';
        const key = top.keys === null ? top.next : top.keys[top.next]!;
        if (top.keys !== null) text += `${JSON.stringify(key)}:`;
        current = (top.container as JsonValue[])[key as number]!;
        top.next++;
        break;
      }
      text += top.keys === null ? ']' : '}';
      stack.pop();
    }
  }
}

/** A container that is being written. */
interface Open {
  container: JsonValue[] | JsonObject;
  /** The keys of an object; null for an array. */
  keys: string[] | null;
  next: number;
  length: number;
}

function scalarText(value: null | boolean | number | bigint | string): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return '-0';
    // A double that happens to be a large integer keeps its exponent, or it would come back as a bigint.
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) return value.toExponential();
    if (Number.isFinite(value)) return String(value);
    if (Number.isNaN(value)) return 'null';
    return value > 0 ? '1e999' : '-1e999';
  }
  return JSON.stringify(value);
}

/** The value as `JSON.parse` reads it where keys are repeated: the last one counts. A copy; numbers stay as they are. */
export function lastValues(value: JsonValue): JsonValue {
  const root: JsonValue[] = [value];
  const stack: (JsonValue[] | JsonObject)[] = [root];
  for (let container = stack.pop(); container !== undefined; container = stack.pop()) {
    const target = container as JsonObject;
    for (const key of Object.keys(container)) {
      let item = target[key]!;
      while (isRepeated(item)) item = item.at(-1)!;
      if (typeof item === 'object' && item !== null) {
        item = Array.isArray(item) ? [...item] : Object.assign(bareObject(), item);
        stack.push(item);
      }
      target[key] = item;
    }
  }
  return root[0]!;
}
