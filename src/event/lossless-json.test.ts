import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from './json.ts';
import { isRepeated, jsonError, JsonSyntaxError, parseLossless, readJson, stringifyLossless } from './lossless-json.ts';

const LIMIT = { interruptAfterTimeLimit: 4000, numRuns: 3000 };

/** What a text is for `JSON.parse`: its value, or that it is none. */
function plain(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

function lossless(text: string): { value: JsonValue } | null {
  const checked = jsonError(text);
  try {
    const value = parseLossless(text);
    expect(checked).toBeNull();
    return { value };
  } catch (error) {
    expect(error).toBeInstanceOf(JsonSyntaxError);
    expect(checked).toEqual(error);
    expect(checked!.position).toBe((error as JsonSyntaxError).position);
    const { position } = error as JsonSyntaxError;
    expect(position >= 0 && position <= text.length).toBe(true);
    return null;
  }
}

/** The value as `JSON.parse` would give it: last of repeated keys, doubles for all numbers, plain objects. */
function flatten(value: JsonValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (isRepeated(value)) return flatten(value.at(-1)!);
  if (Array.isArray(value)) return value.map(flatten);
  if (typeof value !== 'object' || value === null) return value;
  const object: Record<string, unknown> = {};
  for (const key of Object.keys(value))
    Object.defineProperty(object, key, {
      value: flatten(value[key]!),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return object;
}

function agrees(text: string): void {
  const mine = lossless(text);
  const theirs = plain(text);
  expect(mine === null, JSON.stringify(text)).toBe(theirs === null);
  if (mine !== null && theirs !== null) expect(flatten(mine.value)).toEqual(theirs.value);
}

test.each([
  '',
  ' ',
  '1',
  '-',
  '-0',
  '01',
  '1.',
  '.5',
  '1.5e',
  '1e+',
  '1E-7',
  '1e400',
  '-1e400',
  '+1',
  '0x1',
  'NaN',
  'Infinity',
  'true',
  'tru',
  'truely',
  'null',
  'nul',
  '"',
  '"a',
  '"\\',
  '"\\u12',
  '"\\u12g4"',
  '"\\x"',
  '"\t"',
  '"\u0000"',
  '"\\u0000"',
  '"\\ud83d"',
  '"\\ud83d\\ude00"',
  '"\u2028"',
  '"\u007f"',
  "'a'",
  '[',
  '[]',
  '[,]',
  '[1,]',
  '[1 2]',
  '[1],',
  '{',
  '{}',
  '{,}',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{"a":1 "b":2}',
  '{a:1}',
  '{1:1}',
  '{"a":1}}',
  '[}',
  '{]',
  '\ufeff{}',
  '\u00a0{}',
  '{"__proto__":{"x":1}}',
  '{"a":1,"a":2}',
  '{"a":1,"a":[2],"a":{}}',
  ' \t\r\n{ "a" : [ 1 , 2 ] } ',
  '[[[]],{"":{}}]',
  '9007199254740993',
  '-9007199254740993',
  '18446744073709551615',
  '123456789012345678901234567890',
  '1.0000000000000000000001',
  '100000000000000000000e2',
])('agrees with JSON.parse about %j', agrees);

test('agrees with JSON.parse about what is valid, and about its value', () => {
  const token = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '"b"',
    '"__proto__"',
    '1',
    '-',
    '0',
    '9007199254740993',
    '.',
    'e',
    '1e5',
    'true',
    'null',
    ' ',
    '\n',
    '\\',
    '\\u00',
    'é',
    '\u0000',
    '\ud800',
  );
  const text = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.array(token, { maxLength: 14 }).map((tokens) => tokens.join('')),
    // A valid text with one thing changed.
    fc
      .tuple(fc.json(), fc.nat(), token)
      .map(
        ([json, at, piece]) => json.slice(0, at % (json.length + 1)) + piece + json.slice((at % (json.length + 1)) + 1),
      ),
  );
  fc.assert(fc.property(text, agrees), LIMIT);
});

test('what was read is written again without loss', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true }),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 70n }),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree')),
      fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('tree'), { noNullPrototype: false }).map(bare),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(parseLossless(stringifyLossless(value))).toStrictEqual(value);
    }),
    LIMIT,
  );
});

function bare(object: Record<string, JsonValue>): JsonObject {
  return Object.assign(Object.create(null) as JsonObject, object);
}

test('integers beyond 2^53 - 1 are exact, others stay numbers', () => {
  expect(
    parseLossless(
      '[9007199254740991,9007199254740992,-9007199254740993,11200975000855117829,18446744073709551489,0001e0]'.replace(
        '0001e0',
        '1e30',
      ),
    ),
  ).toEqual([
    9007199254740991,
    9007199254740992n,
    -9007199254740993n,
    11200975000855117829n,
    18446744073709551489n,
    1e30,
  ]);
  expect(stringifyLossless([18446744073709551615n, -0, Number.POSITIVE_INFINITY])).toBe(
    '[18446744073709551615,-0,1e999]',
  );
});

test('absurdly long integers stay text, quickly', () => {
  expect(parseLossless('9'.repeat(1_000_000))).toBe('9'.repeat(1_000_000));
});

test('a repeated key keeps all its values in their order and is told from an array', () => {
  const { value, repeats } = readJson('{"a":1,"b":[1,2],"a":[3],"a":{"c":null,"c":5}}');
  const object = value as JsonObject;
  expect(repeats).toBe(true);
  expect(JSON.stringify(object)).toBe('{"a":[1,[3],{"c":[null,5]}],"b":[1,2]}');
  expect([isRepeated(object['a']), isRepeated(object['b'])]).toEqual([true, false]);
  expect(readJson('{"a":[1,1],"b":{"a":1}}').repeats).toBe(false);
});

test('keys of a prototype are keys like others', () => {
  const value = parseLossless('{"__proto__":{"polluted":1},"constructor":2,"toString":3,"__proto__":4}') as JsonObject;
  expect(Object.getPrototypeOf(value)).toBeNull();
  expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString']);
  expect(stringifyLossless(value)).toBe('{"__proto__":[{"polluted":1},4],"constructor":2,"toString":3}');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('lone surrogates and NUL survive', () => {
  const text = '"\\ud800x\\udc00\\u0000\\ud83d\\ude00"';
  expect(parseLossless(text)).toBe('\ud800x\udc00\u0000😀');
  expect(stringifyLossless(parseLossless(text))).toBe('"\\ud800x\\udc00\\u0000😀"');
});

test('depth is no danger: 200,000 levels of arrays and objects', () => {
  const depth = 100_000;
  const text = `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`;
  expect(stringifyLossless(parseLossless(text))).toBe(text);
  expect(() => parseLossless('['.repeat(depth))).toThrow(JsonSyntaxError);
});

test('width is no danger: 100,000 keys, all distinct and all the same', () => {
  const count = 100_000;
  const distinct = `{${Array.from({ length: count }, (_, i) => `"k${i}":${i}`).join(',')}}`;
  expect(Object.keys(parseLossless(distinct) as JsonObject)).toHaveLength(count);
  const same = `{${Array.from({ length: count }, (_, i) => `"k":${i}`).join(',')}}`;
  expect((parseLossless(same) as JsonObject)['k']).toHaveLength(count);
});

test('strings of 16 MiB, plain and all escapes', () => {
  const size = 16 * 2 ** 20;
  expect(parseLossless(`"${'x'.repeat(size)}"`)).toHaveLength(size);
  expect(parseLossless(`"${'\\n'.repeat(size / 2)}"`)).toHaveLength(size / 2);
});

test.each([
  ['{"a":1,', 7, 'unexpected end'],
  ['{"a":tru}', 8, 'expected true'],
  ['{"a":1 x}', 7, 'expected "," or "}"'],
  ['{} {}', 3, 'unexpected text behind the value'],
  ['["\u0001"]', 2, 'control character in a string'],
])('tells where %j goes wrong', (text, position, message) => {
  expect(() => parseLossless(text)).toThrow(expect.objectContaining({ position, message }));
});
