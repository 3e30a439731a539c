import { expect, it } from 'vitest';
import { probes } from '../config/probes.ts';
import { movedPaths, probeRules, SID_SPAN, sidsOf } from './rules.ts';
import { PROBE_KINDS } from './sent-probe.ts';
import { formatToken } from './token.ts';

const named = (...names: string[]) => names.map((name) => ({ name, kinds: [...PROBE_KINDS] }));
const config = (...names: string[]) =>
  probes.parse({ paths: named(...names).map((path) => ({ ...path, target: '192.0.2.1', udp_port: 4242 })) }).paths;

it('gives each path and kind a number of its own within the span', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `path-${i}`);
  const sids = sidsOf(named(...names), 5_100_001);
  expect(sids.size).toBe(5000);
  expect(new Set([...sids.values()].map(({ path, kind }) => `${path} ${kind}`)).size).toBe(5000);
  expect(Math.min(...sids.keys())).toBeGreaterThanOrEqual(5_100_001);
  expect(Math.max(...sids.keys())).toBeLessThan(5_100_001 + SID_SPAN);
});

it('keeps the numbers of a path when others come, go or change places', () => {
  const numbers = (sids: ReturnType<typeof sidsOf>): number[] =>
    [...sids].filter(([, { path }]) => path === 'lan').map(([sid]) => sid);
  const alone = numbers(sidsOf(named('lan'), 5_100_001));
  expect(alone).toHaveLength(5);
  expect(numbers(sidsOf(named('dmz', 'lan', 'guest'), 5_100_001))).toEqual(alone);
  expect(numbers(sidsOf(named('guest', 'lan'), 5_100_001))).toEqual(alone);
  const some = sidsOf([{ name: 'lan', kinds: ['tls', 'icmp'] }], 5_100_001);
  expect(numbers(some)).toEqual([alone[0], alone[4]]);
});

it('names the paths whose numbers hang upon others', () => {
  const names = Array.from({ length: 300 }, (_, i) => `path-${i}`);
  const moved = movedPaths(named(...names));
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.length).toBeLessThan(40);
  // Alone it gets the numbers of its name, among the others the next free ones; those that are not named keep theirs.
  const first = (name: string, among: string[]): number =>
    [...sidsOf(named(...among), 1)].find(([, { path }]) => path === name)![0];
  for (const name of names) expect(first(name, names) !== first(name, [name])).toBe(moved.includes(name));
  expect(movedPaths(named('lan', 'dmz'))).toEqual([]);
});

it('writes a rule for each, which looks for the letters that these tokens begin with', () => {
  const lines = probeRules(config('lan', 'dmz'), 5_100_001).trim().split('\n').slice(1);
  expect(lines).toHaveLength(10);
  for (const kind of PROBE_KINDS) {
    const line = lines.find((text) => text.includes(`"VARDE heartbeat lan ${kind}"`)) ?? '';
    const token = formatToken(Buffer.alloc(32), { path: 'lan', kind, seq: 1, sent: 1 });
    expect(line).toContain(token.slice(0, 8));
    expect(line).toMatch(/^alert [a-z]+ any any -> any (?:any|4242) \(.*sid:\d+; rev:1;\)$/);
  }
  expect(lines.filter((text) => text.includes(' 4242 '))).toHaveLength(2);
});

it('points the rules at a group of addresses where asked', () => {
  expect(probeRules(config('lan'), 1, '$HOME_NET')).toContain('alert tls any any -> $HOME_NET any ');
});
