/**
 * First fragments of our own stream: the later ones have no ports and are known only by source and identification (RFC 791 section 3.2, RFC
 * 8200 section 4.5). Bounded: the oldest place is used again.
 */
export class FragmentMemory {
  readonly #sources: Float64Array;
  readonly #identifications: Float64Array;
  #next = 0;

  constructor(places = 256) {
    this.#sources = new Float64Array(places).fill(-1);
    this.#identifications = new Float64Array(places).fill(-1);
  }

  /** `source`: any number that stands for source and destination. */
  add(source: number, identification: number): void {
    if (this.has(source, identification)) return;
    this.#sources[this.#next] = source;
    this.#identifications[this.#next] = identification;
    this.#next = (this.#next + 1) % this.#sources.length;
  }

  has(source: number, identification: number): boolean {
    for (let i = 0; i < this.#sources.length; i++)
      if (this.#identifications[i] === identification && this.#sources[i] === source) return true;
    return false;
  }
}
