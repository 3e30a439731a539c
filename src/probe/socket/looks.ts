import type { Outcome, Shot } from '../probe.ts';
import { Slots } from '../slots.ts';

/** Until the first look: an answer from the same network is there by then. */
const FIRST_MS = 5;
/** The longest time between two looks. That nobody answers ARP is known after 3 s, and must be told before a probe counts as missing for long. */
const LONGEST_MS = 100;
/** Each look waits for so large a part of the time that has passed. */
const PART = 1 / 4;

/** Of all probes that are under way. */
const slots = new Slots();

export interface Looked {
  /** What is known; null where nothing is yet, `more` where something is left to be read. */
  look(): Outcome | 'more' | null;
  /** When began what is waited for now: a moment of `performance.now()`. */
  begun(): number;
  /** What is known where time is up, or the sender was stopped. */
  gaveUp(): Outcome;
}

/**
 * Looks for what became of a probe, ever more seldom, until it is known, time is up, or the sender is stopped. The kernel stamps what
 * arrives, so it may lie there for a while; to be woken for each packet costs more than all else that a probe needs.
 *
 * @throws what `look` throws
 */
export function lookUntil(shot: Shot, looked: Looked): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const end = performance.now() + shot.waitMs;
    let ended = false;
    let takeBack: (() => void) | null = null;
    const finish = (settle: () => void): void => {
      ended = true;
      shot.stop.delete(stopped);
      settle();
    };
    const stopped = (): void => {
      takeBack?.();
      finish(() => resolve(looked.gaveUp()));
    };
    const wait = (pause: number, left: number): void => {
      takeBack = slots.later(Math.min(pause, left), again);
    };
    const again = (): void => {
      try {
        const outcome = looked.look();
        // What was looked at may have stopped the sender.
        if (ended) return;
        const now = performance.now();
        if (outcome !== null && outcome !== 'more') finish(() => resolve(outcome));
        else if (now >= end) finish(() => resolve(looked.gaveUp()));
        else if (outcome === 'more') wait(FIRST_MS, end - now);
        else wait(Math.min(LONGEST_MS, Math.max(FIRST_MS, (now - looked.begun()) * PART)), end - now);
      } catch (error) {
        if (!ended) finish(() => reject(error));
      }
    };
    if (shot.stop.stopped) return finish(() => resolve(looked.gaveUp()));
    shot.stop.add(stopped);
    wait(FIRST_MS, shot.waitMs);
  });
}
