import type { AskOptions } from '../store/store.ts';
import type { Incomplete } from './api.ts';

/** Asks, and marks the answer where a damaged segment had to be left out of it. */
export async function marked<T extends object>(
  signal: AbortSignal,
  question: (ask: AskOptions) => Promise<T>,
): Promise<T & Incomplete> {
  let whole = true;
  const answer = await question({ signal, incomplete: () => (whole = false) });
  return whole ? answer : { ...answer, incomplete: true };
}
