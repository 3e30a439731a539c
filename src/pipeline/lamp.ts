import type { SensorJudgement } from '../detect/heartbeat/judgement.ts';
import type { HeartbeatState } from '../detect/heartbeat/report.ts';
import type { StationStatus } from '../view/api.ts';

/** The state of the whole in one word, with the sentence why. */
export type Verdict = StationStatus['lamp'];

/** Worst first. What nothing is known of is worse than what is well: a station must not say `alive` before it has seen it. */
const WORST: readonly HeartbeatState[] = ['blind', 'late', 'unknown', 'alive'];

const rank = (state: HeartbeatState): number => WORST.indexOf(state);

/** What the heartbeat says of all sensors: that of the worst one. Null where no probe is sent, since then it says nothing. */
export function heartbeatVerdict(sensors: readonly SensorJudgement[]): Verdict | null {
  const watched = sensors.filter(({ chains }) => chains.length > 0);
  if (watched.length === 0) return null;
  const worst = watched.reduce((one, other) => (rank(other.state) < rank(one.state) ? other : one));
  if (worst.state === 'alive') {
    const count = watched.length === 1 ? 'The heartbeat comes' : `The heartbeats of all ${watched.length} sensors come`;
    return { state: 'alive', reason: `${count} through every hop.` };
  }
  return { state: worst.state, reason: `${worst.name}: ${worst.message}` };
}

/** The one lamp of page, doctor, checks and metrics: the worse of the station's own part and of the heartbeat's. */
export function lampOf(reading: Verdict, heartbeat: Verdict | null): Verdict {
  if (heartbeat === null) return reading;
  if (rank(heartbeat.state) < rank(reading.state)) return heartbeat;
  // Both well: the sentence says both.
  if (reading.state === 'alive') return { state: 'alive', reason: `${reading.reason} ${heartbeat.reason}` };
  return reading;
}
