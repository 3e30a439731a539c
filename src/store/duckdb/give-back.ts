import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What can be called to make memory smaller; absent where this machine has no such thing. */
interface Means {
  /** V8's garbage collection, whole and at once. */
  collect?: () => void;
  /** malloc_trim(3) of glibc. */
  trim?: (pad: number) => number;
}

let means: Promise<Means> | null = null;

/**
 * Gives memory of past work back to the system. V8 collects when something new is asked of it and malloc keeps what was freed, so a station
 * at rest would hold what its last million lines left behind, for hours. Takes some tens of milliseconds; never throws.
 */
export async function giveBackMemory(): Promise<void> {
  means ??= findMeans();
  const { collect, trim } = await means;
  collect?.();
  trim?.(0);
}

async function findMeans(): Promise<Means> {
  const found: Means = {};
  try {
    setFlagsFromString('--expose-gc');
    found.collect = runInNewContext('gc') as () => void;
  } catch {
    // The flag is frozen: V8 collects later, by itself.
  }
  try {
    const koffi = (await import('koffi')).default;
    found.trim = koffi.load('libc.so.6').func('int malloc_trim(size_t)') as (pad: number) => number;
  } catch {
    // Another C library (musl): it gives back by itself.
  }
  return found;
}
