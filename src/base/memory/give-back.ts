import { collectGarbage } from './collect.ts';
import { trimMemory } from './malloc.ts';

/**
 * Gives memory of past work back to the system. V8 collects when something new is asked of it and malloc keeps what was freed, so a station
 * at rest would hold what its last million lines left behind, for hours. Takes some tens of milliseconds; never throws.
 */
export async function giveBackMemory(): Promise<void> {
  await collectGarbage();
  await trimMemory();
}
