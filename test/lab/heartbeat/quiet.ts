import { setTimeout as pause } from 'node:timers/promises';
import type { Stage } from './stage.ts';

/** Everything that must not raise an alarm, once in each round. */
const DISTURBANCES: readonly { name: string; make(stage: Stage): void | Promise<void> }[] = [
  { name: 'rename and HUP', make: ({ sensor }) => sensor.rotate('by Suricata') },
  { name: 'copytruncate', make: ({ sensor }) => sensor.copyTruncate() },
  { name: 'rule reload', make: ({ sensor }) => sensor.reload() },
  {
    name: 'paused station',
    async make({ station }) {
      station.signal('SIGSTOP');
      await pause(10_000); // As long as it stands still: there is nothing to wait for.
      station.signal('SIGCONT');
    },
  },
];
const LOOK_MS = 250;

export interface Quiet {
  secs: number;
  /** How often each disturbance was made. */
  made: Record<string, number>;
  /** Every verdict that was neither alive nor unknown, with the second and the disturbance before it. */
  alarms: string[];
}

/** Lets the heartbeat run undisturbed by failures, but not by what belongs to a sensor's day. */
export async function keepQuiet(stage: Stage, secs: number): Promise<Quiet> {
  const made: Record<string, number> = Object.fromEntries(DISTURBANCES.map(({ name }) => [name, 0]));
  const alarms = new Set<string>();
  const began = performance.now();
  const passed = (): number => (performance.now() - began) / 1000;
  const look = async (untilMs: number, after: string): Promise<void> => {
    do {
      for (const { kind, state, hop, cause } of await stage.chains())
        if (state === 'blind' || state === 'late')
          alarms.add(`${kind} ${state} ${hop ?? ''} (${cause ?? ''}) at ${Math.round(passed())} s, after: ${after}`);
      await pause(LOOK_MS);
    } while (performance.now() < untilMs);
  };
  // At least once each; as many rounds as there is time for.
  const each = Math.max(6000, Math.min(15_000, (secs * 1000) / DISTURBANCES.length));
  do {
    for (const { name, make } of DISTURBANCES) {
      await make(stage);
      made[name]!++;
      await look(performance.now() + each, name);
    }
  } while (passed() < secs);
  return { secs: Math.round(passed()), made, alarms: [...alarms] };
}
