import type { StationStatus } from './api.ts';

/** For load balancers, containers and monitoring: is this station able to do its work? */
export interface Health {
  ok: boolean;
  /** State of the station's own part. */
  lamp: StationStatus['lamp']['state'];
  /** Stable word: `store_waiting`, `blind`, `stalled`; empty when ok. */
  code: string;
  reason: string;
}

/**
 * Only the station's own part counts: a dead sensor is no reason to restart the station that tells of it. Late alone is no illness (a backlog is being read); late although every
 * file can be read means that nothing moves.
 */
export function health({ reading: lamp, store, sources }: StationStatus): Health {
  const ill = (code: string, reason: string): Health => ({ ok: false, lamp: lamp.state, code, reason });
  if (store.waiting !== null) return ill('store_waiting', store.waiting.message);
  if (lamp.state === 'blind') return ill('blind', lamp.reason);
  const unreadable = sources.some(({ files }) => files.some(({ state }) => state === 'unreadable'));
  if (lamp.state === 'late' && !unreadable) return ill('stalled', lamp.reason);
  return { ok: true, lamp: lamp.state, code: '', reason: lamp.reason };
}
