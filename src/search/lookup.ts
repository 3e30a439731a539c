import type { JsonValue } from '../event/json.ts';
import { stringifyLossless } from '../event/lossless-json.ts';

/** Longest path that is followed: keys may hold dots themselves, so the ways through a path of n names double with each. */
const MAX_NAMES = 12;

/**
 * Calls `visit` for each value that stands at a dotted path: arrays are entered on the way and at the end, and a key that holds dots itself
 * is found too. Stops as soon as `visit` says true, and says so. Null is no value.
 */
export function someValue(
  document: JsonValue,
  path: string,
  visit: (value: Exclude<JsonValue, null | JsonValue[]>) => boolean,
): boolean {
  const names = path.split('.');
  if (names.length > MAX_NAMES) return false;
  return walk(document, names, 0, visit);
}

function walk(
  value: JsonValue | undefined,
  names: string[],
  at: number,
  visit: (value: Exclude<JsonValue, null | JsonValue[]>) => boolean,
): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return someElement(value, (element) => walk(element, names, at, visit));
  if (at === names.length) return visit(value);
  if (typeof value !== 'object') return false;
  let key = '';
  for (let i = at; i < names.length; i++) {
    key = i === at ? names[i]! : `${key}.${names[i]!}`;
    if (Object.hasOwn(value, key) && walk(value[key], names, i + 1, visit)) return true;
  }
  return false;
}

/** Over the elements of nested arrays, without recursion: a hostile line may nest thousands of them. */
function someElement(array: JsonValue[], visit: (value: JsonValue) => boolean): boolean {
  const stack: { array: JsonValue[]; next: number }[] = [{ array, next: 0 }];
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    if (top.next >= top.array.length) stack.pop();
    else {
      const element = top.array[top.next++]!;
      if (Array.isArray(element)) stack.push({ array: element, next: 0 });
      else if (visit(element)) return true;
    }
  }
  return false;
}

/** The value that a list shows for a path: a scalar as it is, several as text with commas, an object as JSON; null where there is none. */
export function shownValue(document: JsonValue, path: string): string | number | null {
  const found: (string | number)[] = [];
  someValue(document, path, (value) => {
    found.push(
      typeof value === 'string'
        ? value
        : typeof value === 'number'
          ? value
          : typeof value === 'object'
            ? stringifyLossless(value)
            : String(value),
    );
    return found.length >= 100;
  });
  if (found.length === 0) return null;
  return found.length === 1 ? found[0]! : found.join(', ');
}
