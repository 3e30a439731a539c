import { expect, it } from 'vitest';
import type { OutputReport, RouterReport, TzspReport } from '../packet/tzsp/report.ts';
import type { SensorFacts, SensorOptions } from '../detect/heartbeat/facts.ts';
import { addStreams } from './heartbeat-streams.ts';
import { tzspProblems } from './tzsp-problems.ts';
import { TzspRecent } from './tzsp-recent.ts';

const NOW = 1_764_000_000_000;
const ROUTER: RouterReport = {
  address: '192.0.2.1',
  outputs: [0],
  firstSeen: NOW - 1e6,
  lastSeen: NOW - 500,
  lastFrame: NOW - 500,
  datagrams: 1000,
  frames: 1000,
  bytes: 70_000,
  kernelFrames: 0,
  keepalives: 0,
  longestGapMs: 900,
  sliced: 0,
  loops: 0,
  duplicates: 0,
  rejected: {},
};
const OUTPUT: OutputReport = {
  name: 'inject dummy0',
  type: 'inject',
  state: 'open',
  reason: null,
  frames: 1000,
  bytes: 70_000,
  dropped: {},
  mtu: 9000,
  mtuNeeded: null,
  file: null,
  lastFrame: NOW - 500,
};
const report = (router: Partial<RouterReport> = {}, changes: Partial<TzspReport> = {}): TzspReport => ({
  time: NOW,
  started: NOW - 2e6,
  path: 'user',
  noKernelPath: null,
  sockets: [{ address: '0.0.0.0:37008', receiveBufferBytes: 200, wantedBytes: 100, kernelDrops: 0 }],
  reassemblyFailures: 0,
  routers: [{ ...ROUTER, ...router }],
  refused: { datagrams: 0, senders: [] },
  forgotten: 0,
  outputs: [OUTPUT],
  ...changes,
});
/** As if all that is counted had happened lately. */
function problems(found: TzspReport | null, failure: string | null = null, ...named: string[]): string[] {
  const recent = new TzspRecent();
  if (found !== null) recent.take(found);
  const expected = { failure, named: new Set(named), recent };
  return tzspProblems(found, expected, NOW).map(({ code, state, message }) => `${code} ${state} ${message}`);
}
const codes = (...of: Parameters<typeof problems>): string[] =>
  problems(...of).map((text) => text.split(' ', 2).join(' '));

it('finds nothing while all is well, or where nothing is configured', () => {
  expect(codes(report())).toEqual([]);
  expect(codes(null)).toEqual([]);
  expect(codes(null, 'the port is taken')).toEqual(['tzsp_failed blind']);
});

it('knows a router that stopped from one that is often quiet', () => {
  expect(codes(report({ lastSeen: NOW - 29_000 }))).toEqual([]);
  expect(codes(report({ lastSeen: NOW - 31_000 }))).toEqual(['router_stopped blind']);
  expect(codes(report({ lastSeen: NOW - 31_000, longestGapMs: 20_000 }))).toEqual([]);
  expect(codes(report({ lastSeen: NOW - 601_000, longestGapMs: 1e9 }))).toEqual(['router_stopped blind']);
});

it.each<[string, TzspReport]>([
  ['tzsp_loop late', report({ loops: 1 })],
  ['tzsp_sliced late', report({ sliced: 900 })],
  ['router_absent blind', report({}, { routers: [] })],
  [
    'router_refused blind',
    report(
      {},
      { routers: [], refused: { datagrams: 3, senders: [{ address: '203.0.113.1', datagrams: 3, lastSeen: NOW }] } },
    ),
  ],
  ['tzsp_output_waiting blind', report({}, { outputs: [{ ...OUTPUT, state: 'waiting', reason: 'it is down' }] })],
  ['tzsp_mtu late', report({}, { outputs: [{ ...OUTPUT, mtu: 1500, mtuNeeded: 1518, dropped: { too_large: 1 } }] })],
  [
    'tzsp_kernel_drops late',
    report({}, { sockets: [{ address: 'a', receiveBufferBytes: 2, wantedBytes: 1, kernelDrops: 9 }] }),
  ],
  [
    'tzsp_small_buffer late',
    report({}, { sockets: [{ address: 'a', receiveBufferBytes: 1, wantedBytes: 2, kernelDrops: 0 }] }),
  ],
  ['tzsp_no_koffi late', report({}, { path: 'dgram' })],
])('%s', (expected, found) => {
  expect(codes(found)).toEqual([expected]);
});

it('misses nobody right after the start', () => {
  const found = report({}, { routers: [], started: NOW - 5000 });
  expect(codes(found)).toEqual([]);
  expect(codes(found, null, '192.0.2.1')).toEqual([]);
});

it('makes no router of a host that sent a byte, but misses one that the config names', () => {
  const stranger = { ...ROUTER, address: '192.0.2.9', lastFrame: null, frames: 0, lastSeen: NOW - 60_000 };
  expect(codes(report({}, { routers: [ROUTER, stranger] }))).toEqual([]);
  expect(codes(report({}, { routers: [stranger] }))).toEqual(['router_no_frames blind']);
  expect(codes(report({}, { routers: [ROUTER, stranger] }), null, '192.0.2.9')).toEqual(['router_stopped blind']);
  expect(codes(report({ lastFrame: null, frames: 0 }), null, '192.0.2.1')).toEqual(['router_no_frames late']);
  // Its first datagram may be a keep-alive.
  expect(codes(report({ lastFrame: null, frames: 0, firstSeen: NOW - 5000 }), null, '192.0.2.1')).toEqual([]);
});

it('reports each router that the config names and that never sent', () => {
  expect(problems(report(), null, '192.0.2.1', '192.0.2.2')).toEqual([
    'router_absent blind The router 192.0.2.2 has not sent anything yet.',
  ]);
  const refused = { datagrams: 3, senders: [{ address: '192.0.2.2', datagrams: 3, lastSeen: NOW }] };
  expect(codes(report({}, { refused }), null, '192.0.2.1', '192.0.2.2')).toEqual(['router_refused blind']);
});

it('tells what an output dropped, and why, but no FIFO without a reader', () => {
  const dropping = (dropped: OutputReport['dropped'], more: Partial<OutputReport> = {}): TzspReport =>
    report({}, { outputs: [{ ...OUTPUT, name: 'stream /f', type: 'stream', dropped, ...more }] });
  expect(codes(dropping({ no_reader: 9 }))).toEqual([]);
  expect(problems(dropping({ blocked: 2, other_link_type: 7 }))).toEqual([
    'tzsp_output_dropped late stream /f dropped frames in the last 5 minutes: 7 other link type, 2 blocked.',
  ]);
  for (const reason of ['not_ethernet', 'no_buffer', 'disk_full', 'write_failed', 'interface_down'] as const)
    expect(codes(dropping({ [reason]: 1 }, { type: 'pcap' })), reason).toEqual(['tzsp_output_dropped late']);
  expect(codes(dropping({ disk_full: 1 }, { type: 'pcap', state: 'waiting' }))).toEqual(['tzsp_output_waiting blind']);
});

it('judges what is counted by the last five minutes', () => {
  const recent = new TzspRecent();
  const expected = { failure: null, named: new Set<string>(), recent };
  const lossy = (drops: number, loops: number, blocked: number): TzspReport =>
    report(
      { loops, sliced: loops * 1000 },
      {
        sockets: [{ address: 'a', receiveBufferBytes: 2, wantedBytes: 1, kernelDrops: drops }],
        outputs: [{ ...OUTPUT, dropped: blocked > 0 ? { blocked } : {} }],
      },
    );
  const after = (secs: number, found: TzspReport): string[] => {
    recent.take(found, secs * 1000);
    return tzspProblems(found, expected, NOW).map(({ code }) => code);
  };
  expect(after(0, lossy(0, 0, 0))).toEqual([]);
  expect(after(1, lossy(5, 1, 1))).toEqual(['tzsp_loop', 'tzsp_sliced', 'tzsp_output_dropped', 'tzsp_kernel_drops']);
  for (let secs = 2; secs < 295; secs++) expect(after(secs, lossy(5, 1, 1))).toHaveLength(4);
  for (let secs = 295; secs < 330; secs++) after(secs, lossy(5, 1, 1));
  expect(after(330, lossy(5, 1, 1))).toEqual([]);
  expect(after(331, lossy(6, 1, 1))).toEqual(['tzsp_kernel_drops']);
  // Started anew: what it counts is new, however little.
  const anew = { ...lossy(2, 0, 0), started: NOW - 1e6 };
  recent.take(anew, 332_000);
  expect(recent.kernelDrops()).toBe(2);
});

it('lets a FIFO wait for its reader, and puts the worst first', () => {
  expect(codes(report({}, { outputs: [{ ...OUTPUT, name: 'stream /f', type: 'stream', state: 'waiting' }] }))).toEqual(
    [],
  );
  expect(codes(report({ loops: 1, lastSeen: NOW - 60_000 }))).toEqual(['router_stopped blind', 'tzsp_loop late']);
});

it('tells the sensor on the interface when the newest frame came', () => {
  const sensor = (name: string, on: string | null): SensorOptions => ({
    name,
    sources: null,
    command_socket: null,
    interface: on,
  });
  const none: SensorFacts = { source: null, interface: null, socket: null };
  const facts = { a: { ...none }, b: { ...none }, c: { ...none } } as Record<string, SensorFacts>;
  addStreams(facts, [sensor('a', 'dummy0'), sensor('b', 'eth1'), sensor('c', null)], report());
  expect(facts).toEqual({ a: { ...none, stream: { last: NOW - 500, since: NOW - 2e6 } }, b: none, c: none });
});

it('tells each sensor of the routers that feed it, and of no others', () => {
  const sensor = (name: string): SensorOptions => ({
    name,
    sources: null,
    command_socket: null,
    interface: name,
  });
  const none: SensorFacts = { source: null, interface: null, socket: null };
  const facts: Record<string, SensorFacts> = { dummy0: { ...none }, dummy1: { ...none }, dummy2: { ...none } };
  const found = report(
    {},
    {
      outputs: ['dummy0', 'dummy1', 'dummy2'].map((name) => ({ ...OUTPUT, name: `inject ${name}` })),
      routers: [
        { ...ROUTER, outputs: [0], lastFrame: NOW - 90_000 },
        { ...ROUTER, address: '192.0.2.2', outputs: [1], lastFrame: NOW - 100 },
      ],
    },
  );
  addStreams(facts, [sensor('dummy0'), sensor('dummy1'), sensor('dummy2')], found);
  expect(Object.values(facts).map(({ stream }) => stream?.last)).toEqual([NOW - 90_000, NOW - 100, null]);
});
