import type { SensorJudgement } from '../detect/heartbeat/judgement.ts';
import type { Condition } from '../notify/condition.ts';
import type { Verdict } from './lamp.ts';

/** Turns reports into what people are told of: each sensor, and the station's own reading and storing. */
export class ToldStates {
  private readonly since = new Map<string, { state: Condition['state']; time: number }>();
  private readonly reloads = new Map<string, number>();

  conditions(sensors: readonly SensorJudgement[], reading: Verdict, now: number): Condition[] {
    const told = sensors.filter(isWatched).map((sensor): Condition => {
      const chain = sensor.chains.find(({ state }) => state === sensor.state);
      const hop = sensor.state === 'alive' ? null : (chain?.hop ?? null);
      const title = `Sensor ${sensor.name} is ${sensor.state}${hop === null ? '' : ` (hop ${hop})`}`;
      const { state, message } = sensor;
      return this.dated({ key: keyOf(sensor.name), state, title, message, remedy: remedyOf(sensor, chain) }, now);
    });
    const { state, reason: message } = reading;
    const remedy =
      state === 'alive' ? '' : 'Run varde doctor on the station: it names what is wrong and how to mend it.';
    return [...told, this.dated({ key: 'station', state, title: `Station is ${state}`, message, remedy }, now)];
  }

  /** Keys of the sensors that have reloaded their rules since the last call: their probes may be missed for a moment. */
  reloaded(sensors: readonly SensorJudgement[]): string[] {
    const found: string[] = [];
    for (const { name, health } of sensors) {
      if (health.last_reload === null) continue;
      const before = this.reloads.get(name);
      this.reloads.set(name, health.last_reload);
      if (before !== undefined && health.last_reload > before) found.push(keyOf(name));
    }
    return found;
  }

  private dated(condition: Omit<Condition, 'time'>, now: number): Condition {
    const { key, state } = condition;
    let known = this.since.get(key);
    if (known?.state !== state) {
      known = { state, time: now };
      this.since.set(key, known);
    }
    return { ...condition, time: known.time };
  }
}

const keyOf = (sensor: string): string => `sensor:${sensor}`;

/** A sensor through which no probe is sent is `unknown` for ever: that is no news for anybody. */
function isWatched({ chains, state }: SensorJudgement): boolean {
  return chains.length > 0 || state === 'blind' || state === 'late';
}

function remedyOf(sensor: SensorJudgement, chain: SensorJudgement['chains'][number] | undefined): string {
  if (sensor.state === 'alive') return '';
  return chain?.remedy ?? sensor.health.problems[0]?.remedy ?? '';
}
