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
  /** What to take out of the rest, or to write anew there. */
  private readonly edits: { path: string[]; value: JsonValue | undefined }[] = [];

  /** `repeats` tells whether the line has a repeated key anywhere; then `rest` and `eve` differ in it, else they are one object. */
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

  /** Takes a value out of the rest. */
  moved(...path: string[]): void {
    this.edits.push({ path, value: undefined });
  }

  /** Replaces a value of the rest by another spelling of it, or adds one. */
  rewrite(value: JsonValue, ...path: string[]): void {
    this.edits.push({ path, value });
  }

  /**
   * What stays under `suricata.eve`. Only now are values taken out (with the object around them, when that becomes empty): until here the line
   * was being read. Repeated keys stay, for they hold more than the one value that was mapped.
   */
  finish(): JsonObject {
    for (const { path, value } of this.edits) {
      const parents = this.parentsOf(path);
      const key = path.at(-1)!;
      const holder = parents?.at(-1);
      if (parents === null || holder === undefined) continue;
      const old = holder[key];
      if (isRepeated(old)) continue;
      if (value !== undefined) {
        holder[key] = value;
        continue;
      }
      if (old === undefined) continue;
      // Inside a container a repeated key may hide.
      if (this.repeats && typeof old === 'object') continue;
      delete holder[key];
      for (let i = parents.length - 1; i > 0 && Object.keys(parents[i]!).length === 0; i--)
        delete parents[i - 1]![path[i - 1]!];
    }
    return this.rest;
  }

  /** The objects on the way to a value, or null where the way is none. */
  private parentsOf(path: readonly string[]): JsonObject[] | null {
    const parents: JsonObject[] = [this.rest];
    for (const key of path.slice(0, -1)) {
      const next = parents.at(-1)![key];
      if (typeof next !== 'object' || next === null || Array.isArray(next)) return null;
      parents.push(next);
    }
    return parents;
  }

  /** Adds to `related.*`; null is ignored. */
  relate(kind: keyof Mapping['related'], ...values: (string | null)[]): void {
    for (const value of values) if (value !== null) this.related[kind].add(value);
  }
}
