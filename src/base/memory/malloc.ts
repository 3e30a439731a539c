/** Parameters of mallopt(3), as malloc.h has them. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const M_ARENA_MAX = -8;
/** Buffers from this size on are mapped one by one while memory matters: glibc's own value at the start. */
const SMALL_BYTES = 128 * 1024;
/** The most that glibc allows (malloc.h, DEFAULT_MMAP_THRESHOLD_MAX on 64 bits), to which it raises its own by what it sees freed. */
const LARGE_BYTES = 32 * 1024 * 1024;

interface Malloc {
  trim(pad: number): number;
  option(parameter: number, value: number): number;
}

/** Null where the C library is another one (musl gives back by itself), or cannot be called. */
let found: Promise<Malloc | null> | null = null;

function malloc(): Promise<Malloc | null> {
  found ??= find();
  return found;
}

async function find(): Promise<Malloc | null> {
  try {
    const koffi = (await import('koffi')).default;
    const library = koffi.load('libc.so.6');
    return {
      trim: library.func('int malloc_trim(size_t)') as Malloc['trim'],
      option: library.func('int mallopt(int, int)') as Malloc['option'],
    };
  } catch {
    return null;
  }
}

/** Gives back what malloc keeps of what was freed (malloc_trim(3)): about two milliseconds in a process of 200 MB. Never throws. */
export async function trimMemory(): Promise<void> {
  (await malloc())?.trim(0);
}

/**
 * All threads that begin from now on share the arenas that are there already. glibc makes one for each thread, up to eight for each core, and
 * each keeps megabytes of its own thread's largest moment. To be called before the store's threads begin. Never throws.
 */
export async function shareArenas(): Promise<void> {
  (await malloc())?.option(M_ARENA_MAX, 1);
}

/**
 * Whether large buffers are kept when they are freed, to be used again at once, or go back to the system each: the former is fast, the latter
 * small. Never throws.
 */
export async function keepLargeBuffers(isKept: boolean): Promise<void> {
  const large = isKept ? LARGE_BYTES : SMALL_BYTES;
  const known = await malloc();
  known?.option(M_MMAP_THRESHOLD, large);
  // Setting the one keeps glibc from moving the other along, which is at first what is small, and then twice as much as is mapped.
  known?.option(M_TRIM_THRESHOLD, isKept ? 2 * large : large);
}
