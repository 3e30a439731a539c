import type { Outcome, Shot } from '../probe.ts';
import { Slots } from '../slots.ts';

/** Until the first look; an answer from the same network is there by then. */
const FIRST_MS = 5;
/** The longest time between two looks. */
const LONGEST_MS = 250;

/** Of all probes that are under way. */
const slots = new Slots();

/**
 * Looks for what became of a probe, ever more seldom, until it is known, time is up, or the sender is stopped. The kernel stamps what
 * arrives, so it may lie there for a while; to be woken for each packet costs more than all else that a probe needs.
 *
 * @param look what is known; null where nothing is yet
 * @throws what `look` throws
 */
export function lookUntil(shot: Shot, look: () => Outcome | null, gaveUp: () => Outcome): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const end = performance.now() + shot.waitMs;
    let pause = FIRST_MS;
    let takeBack: (() => void) | null = null;
    const stopped = (): void => {
      takeBack?.();
      resolve(gaveUp());
    };
    const again = (): void => {
      const left = end - performance.now();
      try {
        const outcome = look() ?? (left <= 0 ? gaveUp() : null);
        if (outcome === null) return wait(left);
        resolve(outcome);
      } catch (error) {
        reject(error);
      }
      shot.stop.delete(stopped);
    };
    const wait = (left: number): void => {
      takeBack = slots.later(Math.min(pause, left), again);
      pause = Math.min(LONGEST_MS, pause * 2);
    };
    if (shot.stop.stopped) return resolve(gaveUp());
    shot.stop.add(stopped);
    wait(shot.waitMs);
  });
}
