import { FAILED, MISSED, type ProbeRing, SEEN, TOLD } from './ring.ts';

/** A probe that was told or seen less than this ago and has not come through yet is not missing. */
export const DUE_MS = 3000;
/** A probe that nobody answers ARP for has failed by then. */
const FAILING_MS = 4000;

/** Probes that are due and did not come; `failed`: how many of them never reached the wire; when the first and the last of them were sent. */
export interface Missing {
  readonly overdue: number;
  readonly failed: number;
  readonly since: number | null;
  readonly newest: number | null;
}

const NONE: Missing = { overdue: 0, failed: 0, since: null, newest: null };

/** Looks from the probe numbered `last` back, up to the newest that came. */
export function missingIn(ring: ProbeRing, last: number, now: number): Missing {
  let [overdue, failed] = [0, 0];
  let since: number | null = null;
  let newest: number | null = null;
  for (let seq = last; seq > last - ring.capacity && seq > 0; seq--) {
    const place = ring.find(seq);
    if (place < 0 || !ring.has(place, TOLD | MISSED)) {
      if (place >= 0 && ring.has(place, SEEN)) break;
      continue;
    }
    if (ring.has(place, SEEN)) break;
    const isFailed = ring.has(place, FAILED);
    if (!isFailed && now - ring.at[place]! < DUE_MS) continue;
    // Behind one that failed the newest most likely fails too, which is known a moment later.
    if (isFailed && overdue === 1 && failed === 0 && now - since! < FAILING_MS) [overdue, newest] = [0, null];
    overdue++;
    if (isFailed) failed++;
    since = ring.at[place]!;
    newest ??= since;
  }
  return overdue === 0 ? NONE : { overdue, failed, since, newest };
}
