import { setField } from '../../event/document.ts';
import { bareObject, type JsonObject, type JsonValue } from '../../event/json.ts';
import { isRepeated } from '../../event/lossless-json.ts';

/**
 * The document of one line while it is made.
 *
 * The rule that keeps everything: a value is taken out of `suricata.eve` ({@link Mapping.moved}) only when it went WHOLE to a field of its
 * own (unchanged, or in another spelling of the same: letter case, canonical address, separators). What is taken apart, or what Filebeat
 * leaves there too, is copied.
 */
export class Mapping {
  /** The line's object, for reading: of a repeated key the last value, as `JSON.parse` has it. Not to be changed. */
  readonly eve: JsonObject;
  readonly document: JsonObject = bareObject();
  readonly related: Record<'ip' | 'hosts' | 'hash' | 'user', Set<string>> = {
    ip: new Set(),
    hosts: new Set(),
    hash: new Set(),
    user: new Set(),
  };

  /** What stays under `suricata.eve`. */
  private readonly rest: JsonObject;
  private readonly repeats: boolean;

  /** `repeats` tells whether the line has a repeated key anywhere; then `rest` and `eve` differ in it. */
  constructor(eve: JsonObject, rest: JsonObject, repeats: boolean) {
    this.eve = eve;
    this.rest = rest;
    this.repeats = repeats;
  }

  /** Sets a field, unless there is nothing to set (null, undefined, an empty array). Tells whether it did. */
  set(field: string, value: JsonValue | undefined): boolean {
    if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return false;
    setField(this.document, field, value);
    return true;
  }

  /** Sets a field and takes its source out of the rest. */
  move(field: string, value: JsonValue | undefined, ...path: string[]): boolean {
    const done = this.set(field, value);
    if (done) this.moved(...path);
    return done;
  }

  /** Takes a value out of the rest, and the object around it when that becomes empty. Repeated keys stay: they hold more than one value. */
  moved(...path: string[]): void {
    const parents: [JsonObject, string][] = [];
    let at: JsonValue | undefined = this.rest;
    for (const key of path) {
      if (typeof at !== 'object' || at === null || Array.isArray(at)) return;
      parents.push([at, key]);
      at = at[key];
    }
    if (at === undefined || isRepeated(at)) return;
    // Inside a container a repeated key may hide.
    if (this.repeats && typeof at === 'object') return;
    for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
      delete parent[0][parent[1]];
      if (Object.keys(parent[0]).length > 0) return;
    }
  }

  /** Replaces a value of the rest by another spelling of it; repeated keys stay as they are. */
  rewrite(value: JsonValue, ...path: string[]): void {
    let at: JsonValue | undefined = this.rest;
    for (const key of path.slice(0, -1)) {
      if (typeof at !== 'object' || at === null || Array.isArray(at)) return;
      at = at[key];
    }
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return;
    const key = path.at(-1)!;
    if (!isRepeated(at[key])) at[key] = value;
  }

  /** Adds to `related.*`; null is ignored. */
  relate(kind: keyof Mapping['related'], ...values: (string | null)[]): void {
    for (const value of values) if (value !== null) this.related[kind].add(value);
  }
}
