import { bareObject, type JsonObject, type JsonValue } from './json.ts';

/** Splits of the field names in use: a fixed, small set (names come from the code and the column list, never from input). */
const splits = new Map<string, readonly string[]>();

function split(field: string): readonly string[] {
  let keys = splits.get(field);
  if (keys === undefined) {
    keys = field.split('.');
    splits.set(field, keys);
  }
  return keys;
}

/** Sets a field (`source.ip`) of a document; missing objects on the way are made. `field` must not come from input. */
export function setField(document: JsonObject, field: string, value: JsonValue): void {
  const keys = split(field);
  let at = document;
  for (let i = 0; i < keys.length - 1; i++) {
    const next = at[keys[i]!];
    if (typeof next === 'object' && next !== null && !Array.isArray(next)) {
      at = next;
    } else {
      const made = bareObject();
      at[keys[i]!] = made;
      at = made;
    }
  }
  at[keys.at(-1)!] = value;
}

/** The value of a field of a document, or undefined. `field` must not come from input (its split is remembered). */
export function getField(document: JsonObject, field: string): JsonValue | undefined {
  let at: JsonValue | undefined = document;
  for (const key of split(field)) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}
