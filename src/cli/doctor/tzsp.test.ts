import { expect, it } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import type { TzspReport } from '../../view/api.ts';
import { tzspLines, tzspProblems } from './tzsp.ts';

const NOW = 1_764_000_000_000;
const REPORT = {
  path: 'user',
  noKernelPath: 'switched off',
  sockets: [{ address: '0.0.0.0:37008' }],
  routers: [{ address: '192.0.2.1', frames: 7, bytes: 700, lastSeen: NOW - 2000 }],
  outputs: [{ type: 'inject', name: 'inject dummy0', state: 'open', frames: 7, dropped: { too_large: 2 } }],
} as unknown as TzspReport;

const NOTHING = { config: undefined, setup: [] };
const answer = { tzsp: REPORT, tzsp_problems: [], now: NOW };
const look = (changes: object) => () =>
  Promise.resolve({ exists: true, mtu: 9000, addresses: [] as string[], ipv6: false, ...changes });
const codes = async (changes: object): Promise<string[]> =>
  (await tzspProblems(answer, NOTHING, look(changes))).map(({ code }) => code);

it('looks at how the interface is set up', async () => {
  expect(await codes({})).toEqual([]);
  expect(await codes({ mtu: 1500 })).toEqual(['tzsp_mtu']);
  expect(await codes({ addresses: ['fe80::1'], ipv6: true })).toEqual(['tzsp_address']);
  expect(await codes({ ipv6: true })).toEqual(['tzsp_ipv6']);
  expect(await codes({ exists: false, mtu: null })).toEqual([]);
});

it('looks at what the config names where no station answers', async () => {
  const { tzsp: config } = configSchema.parse({ tzsp: { outputs: [{ type: 'inject', interface: 'dummy7' }] } });
  const found = async (station: typeof answer | null, changes: object): Promise<string[]> =>
    (await tzspProblems(station, { config, setup: [] }, look(changes))).map(({ code }) => code);
  expect(await found(null, { mtu: 1500 })).toEqual(['tzsp_mtu']);
  expect(await found(null, { exists: false })).toEqual(['tzsp_output_waiting']);
  expect(await found(answer, {})).toEqual([]);
});

it('tells what the station finds first', async () => {
  const problem = { code: 'router_stopped', state: 'blind' as const, message: 'm', remedy: 'r' };
  const found = await tzspProblems({ ...answer, tzsp_problems: [problem] }, NOTHING, look({ mtu: 1500 }));
  expect(found.map(({ code }) => code)).toEqual(['router_stopped', 'tzsp_mtu']);
});

it('shows routers and outputs', () => {
  expect(tzspLines(answer)).toEqual([
    "Streams  TZSP on 0.0.0.0:37008, path: user (not the kernel's: switched off)",
    '  192.0.2.1  7 frames, 700 bytes, last 2 s ago',
    '  → inject dummy0  open, 7 frames, dropped 2 too_large',
  ]);
  expect(tzspLines({ ...answer, tzsp: null })).toEqual([]);
});
