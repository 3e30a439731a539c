import { describe, expect, it } from 'vitest';
import type { InterfaceFacts, SocketFacts } from '../heartbeat/facts.ts';
import { eveTime, START } from '../testing/world.ts';
import { SensorWatch } from './health.ts';

const wire = (packets: number): InterfaceFacts => ({ name: 'span0', exists: true, up: true, packets, drops: 0 });
const ANSWERS: SocketFacts = {
  state: 'answers',
  problem: null,
  version: '7.0.10',
  uptime_secs: 5000,
  rules: null,
  last_reload: null,
  capture: null,
  counters: null,
  asked: START,
};

/** Stats each 8 s for `secs`; packets are counted up to `countUntil`. Gives the codes of the problems at the end. */
function problems(secs: number, countUntil: number, options: { wire?: boolean; statsUntil?: number } = {}) {
  const watch = new SensorWatch();
  for (let at = 0; at <= secs; at++) {
    const now = START + at * 1000;
    const counted = Math.min(at, countUntil) * 100;
    watch.look({ interface: options.wire === true ? wire(at * 100) : null, socket: { ...ANSWERS, asked: now } }, now);
    if (at % 8 !== 0 || at > (options.statsUntil ?? secs)) continue;
    const stats = {
      uptime: 5000 + at,
      capture: { kernel_packets: counted, kernel_drops: 0 },
      decoder: { pkts: counted },
    };
    watch.stats({ timestamp: eveTime(now), event_type: 'stats', stats }, now);
  }
  return watch.report(START + secs * 1000).problems;
}

const codes = (found: ReturnType<typeof problems>): string[] => found.map(({ code }) => code);

describe('counters that stand still while Suricata runs', () => {
  it('are a problem soon where packets arrive at the interface', () => {
    expect(codes(problems(200, 200, { wire: true }))).toEqual([]);
    expect(codes(problems(200, 170, { wire: true }))).toEqual([]);
    const frozen = problems(200, 100, { wire: true });
    expect(codes(frozen)).toEqual(['counters_frozen']);
    expect(frozen[0]!.message).toContain('span0');
  });

  it('are one later where nobody knows whether anything arrives', () => {
    expect(codes(problems(300, 100))).toEqual([]);
    expect(codes(problems(600, 100))).toEqual(['counters_frozen']);
  });

  it('are told apart from statistics that stop, which say whether the process lives', () => {
    const stopped = problems(300, 300, { statsUntil: 200 });
    expect(codes(stopped)).toEqual(['stats_ceased']);
    expect(stopped[0]!.message).toContain('Its process lives');
  });
});
