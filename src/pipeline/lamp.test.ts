import { describe, expect, it } from 'vitest';
import type { HeartbeatState, SensorReport } from '../detect/heartbeat/report.ts';
import { heartbeatVerdict, lampOf } from './lamp.ts';

const sensor = (name: string, state: HeartbeatState, chains = 1): SensorReport => ({
  name,
  state,
  message: `it is ${state}.`,
  chains: Array.from({ length: chains }, () => ({})) as SensorReport['chains'],
  health: {} as SensorReport['health'],
});
const is = (state: HeartbeatState) => ({ state, reason: `${state}!` });

describe('lamp', () => {
  it('is that of the worst sensor with a heartbeat', () => {
    const all = [sensor('a', 'alive'), sensor('b', 'late'), sensor('c', 'blind'), sensor('d', 'unknown')];
    expect(heartbeatVerdict(all)).toEqual({ state: 'blind', reason: 'c: it is blind.' });
    expect(heartbeatVerdict([all[0]!, all[3]!])?.state).toBe('unknown');
    expect(heartbeatVerdict([all[0]!, all[3]!, all[1]!])?.state).toBe('late');
    expect(heartbeatVerdict([all[0]!])?.state).toBe('alive');
  });

  it('says nothing where no probe is sent', () => {
    expect(heartbeatVerdict([])).toBeNull();
    expect(heartbeatVerdict([sensor('a', 'blind', 0)])).toBeNull();
    expect(lampOf(is('late'), null)).toEqual(is('late'));
  });

  it('is the worse of both', () => {
    const order: HeartbeatState[] = ['blind', 'late', 'unknown', 'alive'];
    for (const [i, reading] of order.entries())
      for (const [k, heartbeat] of order.entries())
        expect(lampOf(is(reading), is(heartbeat)).state).toBe(order[Math.min(i, k)]);
    expect(lampOf(is('alive'), is('alive')).reason).toBe('alive! alive!');
    expect(lampOf(is('alive'), is('blind')).reason).toBe('blind!');
  });
});
