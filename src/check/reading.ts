/**
 * An answer of the station, read with care: the other end of the socket may be something else, or another version. A field that is not what
 * it must be makes the check UNKNOWN instead of wrong.
 */
export class ShapeError extends Error {
  constructor(where: string, wanted: string) {
    super(`the answer is not that of a station: ${where} is no ${wanted}`);
    this.name = 'ShapeError';
  }
}

/** One JSON object of the answer, with its place in it for messages. */
export class Reading {
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly where: string;

  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(where, 'object');
    this.fields = value as Record<string, unknown>;
    this.where = where;
  }

  object(key: string): Reading {
    return new Reading(this.own(key), `${this.where}.${key}`);
  }

  objectOrNull(key: string): Reading | null {
    const value = this.own(key);
    return value === null || value === undefined ? null : this.object(key);
  }

  list(key: string): Reading[] {
    const value = this.own(key);
    if (!Array.isArray(value)) throw new ShapeError(`${this.where}.${key}`, 'list');
    return value.map((entry, index) => new Reading(entry, `${this.where}.${key}[${index}]`));
  }

  text(key: string): string {
    const value = this.own(key);
    if (typeof value !== 'string') throw new ShapeError(`${this.where}.${key}`, 'text');
    return value;
  }

  textOrNull(key: string): string | null {
    const value = this.own(key);
    return value === null || value === undefined ? null : this.text(key);
  }

  number(key: string): number {
    const value = this.own(key);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new ShapeError(`${this.where}.${key}`, 'number');
    return value;
  }

  numberOrNull(key: string): number | null {
    const value = this.own(key);
    return value === null || value === undefined ? null : this.number(key);
  }

  /** Of all fields, each of which must be a number. */
  sum(): number {
    return Object.keys(this.fields).reduce((sum, key) => sum + this.number(key), 0);
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T {
    const text = this.text(key);
    const found = values.find((value) => value === text);
    if (found === undefined) throw new ShapeError(`${this.where}.${key}`, `one of ${values.join(', ')}`);
    return found;
  }

  private own(key: string): unknown {
    return Object.hasOwn(this.fields, key) ? this.fields[key] : undefined;
  }
}
