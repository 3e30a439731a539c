import type { ChainReport, HeartbeatState, SensorReport } from '../detect/heartbeat/report.ts';
import type { Verdict } from './lamp.ts';

/** One thing that people may be told of when its state changes. */
export interface ObservedState {
  key: string;
  state: HeartbeatState;
  title: string;
  message: string;
  remedy: string;
  /** Milliseconds since the epoch. */
  time: number;
}

/** What is told: each sensor, and the station's own reading and storing. */
export function observedStates(sensors: readonly SensorReport[], reading: Verdict, time: number): ObservedState[] {
  const states = sensors.filter(isWatched).map((sensor): ObservedState => {
    const chain = sensor.chains.find(({ state }) => state === sensor.state);
    const hop = chain?.hop ?? null;
    return {
      key: `sensor:${sensor.name}`,
      state: sensor.state,
      title: `Sensor ${sensor.name} is ${sensor.state}${hop === null || sensor.state === 'alive' ? '' : ` (hop ${hop})`}`,
      message: sensor.message,
      remedy: remedyOf(sensor, chain),
      time,
    };
  });
  const title = `Station is ${reading.state}`;
  const remedy =
    reading.state === 'alive' ? '' : 'Run varde doctor on the station: it names what is wrong and how to mend it.';
  return [...states, { key: 'station', state: reading.state, title, message: reading.reason, remedy, time }];
}

/** A sensor that nothing is known of, through which no probe is sent, is nobody's concern. */
function isWatched({ chains, health, state }: SensorReport): boolean {
  return chains.length > 0 || health.stats_arrived !== null || state === 'blind' || state === 'late';
}

function remedyOf(sensor: SensorReport, chain: ChainReport | undefined): string {
  if (sensor.state === 'alive') return '';
  return chain?.remedy ?? sensor.health.problems[0]?.remedy ?? '';
}
