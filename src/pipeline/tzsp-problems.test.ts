import { expect, it } from 'vitest';
import type { OutputReport, RouterReport, TzspReport } from '../packet/tzsp/report.ts';
import type { SensorFacts, SensorOptions } from '../detect/heartbeat/facts.ts';
import { addStreams } from './heartbeat-streams.ts';
import { tzspProblems } from './tzsp-problems.ts';

const NOW = 1_764_000_000_000;
const ROUTER: RouterReport = {
  address: '192.0.2.1',
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
  outputs: [OUTPUT],
  ...changes,
});
const codes = (found: TzspReport | null, failure: string | null = null): string[] =>
  tzspProblems(found, failure, NOW).map(({ code, state }) => `${code} ${state}`);

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
  ['router_no_frames late', report({ lastFrame: null, frames: 0 })],
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
  expect(codes(report({}, { routers: [], started: NOW - 5000 }))).toEqual([]);
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
