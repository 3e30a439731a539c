import { expect, it } from 'vitest';
import type { TzspSettings } from '../packet/tzsp/settings.ts';
import { overConfig, settingsOfFlags, type TzspFlags } from './tzsp-settings.ts';

const CONFIG: TzspSettings = {
  listen: ['0.0.0.0:37008'],
  routers: ['10.0.0.0/8'],
  receiveBufferBytes: 1_000_000,
  dropDuplicatesMs: 5,
  kernelPath: 'auto',
  outputs: [{ type: 'inject', interface: 'dummy0' }],
};
const NONE: TzspFlags = { kernel: true };

it('flags of the receiving itself go over the config', () => {
  expect(overConfig(CONFIG, NONE)).toEqual(CONFIG);
  expect(overConfig({ ...CONFIG, kernelPath: 'off' }, NONE).kernelPath).toBe('off');
  expect(overConfig(CONFIG, { kernel: false, buffer: 70_000, dropDuplicatesMs: 0 })).toEqual({
    ...CONFIG,
    receiveBufferBytes: 70_000,
    dropDuplicatesMs: 0,
    kernelPath: 'off',
  });
});

it.each([
  ['--gzip', { gzip: true }],
  ['--keep', { keep: 3 }],
  ['--rotate-secs', { rotateSecs: 0 }],
  ['--rotate-bytes', { rotateBytes: 1 }],
  ['--min-free', { minFree: 1 }],
  ['--format', { format: 'pcapng' as const }],
])('%s is refused where it would change nothing', (flag, flags) => {
  expect(() => overConfig(CONFIG, { ...NONE, ...flags })).toThrow(flag);
  expect(() => settingsOfFlags({ ...NONE, inject: ['dummy0'], ...flags })).toThrow(flag);
});

it('without more flags has defaults', () => {
  expect(settingsOfFlags({ ...NONE, pcap: '/a.pcap', write: '/fifo', gzip: true })).toMatchObject({
    receiveBufferBytes: 33_554_432,
    dropDuplicatesMs: 0,
    kernelPath: 'auto',
    outputs: [
      { type: 'pcap', file: '/a.pcap', rotateSecs: 0, keepFiles: 0, compress: 'gzip', minFreeBytes: 100_000_000 },
      { type: 'stream', path: '/fifo', format: 'pcap' },
    ],
  });
});

it('an interface is given each frame once, and times stand in names only', () => {
  expect(() => settingsOfFlags({ ...NONE, inject: ['d0', 'd0'] })).toThrow('names d0 twice');
  expect(() => settingsOfFlags({ ...NONE, inject: ['d0=10.0.0.1', 'd0=10.0.0.0/8'] })).toThrow('names d0 twice');
  expect(settingsOfFlags({ ...NONE, inject: ['d0=10.0.0.1', 'd0=10.0.0.2'] }).outputs).toHaveLength(2);
  expect(() => settingsOfFlags({ ...NONE, pcap: '/a/%Y/b.pcap' })).toThrow('in its name only');
});
