import type { JsonObject, JsonValue } from '../../event/json.ts';

/**
 * Typed looks at values of an eve line. A value of another type, or out of range, is as good as absent: `null`.
 *
 * The same functions serve the fast row (from `JSON.parse`) and the document (from the lossless parse); that is what makes both agree.
 */

const MAX_UINT64 = 2n ** 64n - 1n;

/** Largest values of the unsigned column types. */
export const UINT16 = 65535;
export const UINT32 = 4294967295;

let inexact = false;

/** Forgets what {@link sawInexact} tells. */
export function resetInexact(): void {
  inexact = false;
}

/**
 * True where {@link uint64} met a double beyond 2^53 - 1 since the last reset: `JSON.parse` may have rounded it, so the line must be read again
 * without loss.
 */
export function sawInexact(): boolean {
  return inexact;
}

/** A string that is not empty. */
export function text(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** An integer from 0 to `max` (at most 2^53 - 1). */
export function uint(value: JsonValue | undefined, max: number): number | null {
  // Adding zero turns -0 into 0.
  return typeof value === 'number' && value >= 0 && value <= max && Number.isInteger(value) ? value + 0 : null;
}

/** An unsigned 64-bit integer: a number up to 2^53 - 1, a bigint beyond. */
export function uint64(value: JsonValue | undefined): number | bigint | null {
  if (typeof value === 'number') {
    if (!(value >= 0) || !Number.isInteger(value)) return null;
    if (value <= Number.MAX_SAFE_INTEGER) return value + 0;
    inexact = true;
    return null;
  }
  return typeof value === 'bigint' && value >= 0n && value <= MAX_UINT64 ? value : null;
}

/** Like {@link uint64}, and reads decimal text too: documents have flow ids as text, and such documents come back as input. */
export function id64(value: JsonValue | undefined): number | bigint | null {
  if (typeof value !== 'string') return uint64(value);
  if (!/^[0-9]{1,20}$/.test(value)) return null;
  const id = BigInt(value);
  if (id > MAX_UINT64) return null;
  return id <= Number.MAX_SAFE_INTEGER ? Number(id) : id;
}

/** The sum of two counters, exact; null where both are absent or it exceeds 64 bits. */
export function sum64(a: number | bigint | null, b: number | bigint | null): number | bigint | null {
  if (a === null) return b;
  if (b === null) return a;
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum <= Number.MAX_SAFE_INTEGER) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  return sum <= MAX_UINT64 ? sum : null;
}

/** An object that is no array. */
export function object(value: JsonValue | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
}

/** The items of an array; empty for anything else. */
export function list(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** The non-empty strings of an array, or the string itself. */
export function texts(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return list(value).filter((item): item is string => typeof item === 'string' && item !== '');
}
