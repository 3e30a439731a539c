import { History } from './history.ts';
import { ProbeRing } from './ring.ts';
import type { Series } from './series.ts';
import { REFUSALS } from './sighting.ts';

/** What a series knows, as JSON; typed arrays in base64 (of this machine's byte order, as the file never leaves it). */
export type SeriesSnapshot = Record<string, unknown>;

const NUMBERS = [
  'newest',
  'settled',
  'lastTold',
  'lastToldSeq',
  'offset',
  'lastSeen',
  'lastArrived',
  'lastSeenSeq',
  'lastStored',
  'lastAnswered',
  'lastLatency',
] as const;
const NULLABLE: ReadonlySet<string> = new Set(
  NUMBERS.filter((name) => !['newest', 'settled', 'offset'].includes(name)),
);

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, byteLength / 4);

function isMostlyEmpty(contents: Uint8Array): boolean {
  let filled = 0;
  for (const word of wordsOf(contents)) if (word !== 0) filled++;
  return filled * 8 < contents.byteLength / 4;
}

/** A young history is nearly empty: pairs of the place of a 32-bit word (plus one, from the last) and its value. */
function sparse(contents: Uint8Array): number[] {
  const words = wordsOf(contents);
  const pairs: number[] = [];
  let last = -1;
  for (let i = 0; i < words.length; i++) {
    if (words[i] === 0) continue;
    pairs.push(i - last, words[i]!);
    last = i;
  }
  return pairs;
}

function dense(pairs: unknown, bytes: number): Uint8Array | null {
  if (!Array.isArray(pairs) || pairs.length > bytes / 2 || !pairs.every(isNumber)) return null;
  const words = new Uint32Array(bytes / 4);
  let at = -1;
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    at += Math.max(1, Number(pairs[i]));
    if (at >= words.length) return null;
    words[at] = Number(pairs[i + 1]);
  }
  return new Uint8Array(words.buffer);
}

const packed = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');

export function snapshotOf(series: Series): SeriesSnapshot {
  const { path, kind, told, identity, refused } = series;
  const history = series.history.contents();
  return {
    path,
    kind,
    told,
    identity,
    refused: { ...refused },
    ...Object.fromEntries(NUMBERS.map((name) => [name, series[name]])),
    gaps: series.gaps.list(),
    capacity: series.ring.capacity,
    probes: packed(series.ring.contents()),
    day: isMostlyEmpty(history) ? sparse(history) : packed(history),
  };
}

/**
 * Takes over what fits; what does not (another interval, a damaged file) begins anew. Never throws.
 * @returns false where nothing was taken over
 */
export function restoreSeries(series: Series, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const saved = value as SeriesSnapshot;
  if (saved['path'] !== series.path || saved['kind'] !== series.kind) return false;
  const history =
    typeof saved['day'] === 'string' ? unpacked(saved['day'], History.bytes) : dense(saved['day'], History.bytes);
  if (history !== null) series.history.load(history);
  const ring = unpacked(saved['probes'], ProbeRing.bytes(series.ring.capacity));
  const fits =
    NUMBERS.every((name) => isNumber(saved[name]) || (NULLABLE.has(name) && saved[name] === null)) &&
    isSeq(saved['newest']) &&
    isSeq(saved['settled']);
  if (ring === null || saved['capacity'] !== series.ring.capacity || !fits) return history !== null;
  series.ring.load(ring);
  // `fits` has looked at each.
  for (const name of NUMBERS) (series as unknown as Record<string, unknown>)[name] = saved[name];
  series.told = saved['told'] === true;
  const identity = saved['identity'];
  series.identity = identity === 'token' || identity === 'ports' || identity === 'window' ? identity : null;
  for (const reason of REFUSALS) {
    const count = (saved['refused'] as SeriesSnapshot | undefined)?.[reason];
    if (isNumber(count)) series.refused[reason] = count;
  }
  series.gaps.restore(saved['gaps']);
  return true;
}

/** Sequence numbers count places in the ring: others would lead out of it. */
function isSeq(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function unpacked(value: unknown, bytes: number): Uint8Array | null {
  if (typeof value !== 'string' || value.length > bytes * 2) return null;
  const data = Buffer.from(value, 'base64');
  return data.length === bytes ? data : null;
}
