/**
 * JSON values as Varde keeps them in a document.
 *
 * Integers that a double cannot hold (beyond 2^53 - 1) are `bigint`. Objects made from input have a null prototype, so that no
 * key of a log line (`__proto__`, `constructor`) can reach a prototype.
 */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;

/** An object with a null prototype whose keys come from input or from the ECS field list. */
export interface JsonObject {
  [key: string]: JsonValue;
}

/** A fresh object that has no prototype. */
export function bareObject(): JsonObject {
  return Object.create(null) as JsonObject;
}
