import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isInterfaceName, lookAtInterface } from './interface.ts';

function sys(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'varde-sys-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'eth1/statistics'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'eth1', name), text);
  return root;
}

const COUNTERS = { 'statistics/rx_packets': '120\n', 'statistics/tx_packets': '3\n', 'statistics/rx_dropped': '1\n' };

it('reads the loopback interface of this machine', async () => {
  const look = await lookAtInterface('lo');
  expect(look).toMatchObject({ name: 'lo', exists: true });
  expect(look.packets).toBeGreaterThanOrEqual(0);
});

it.each([
  ['up', '1', true],
  ['up', '0', false],
  ['down', null, false],
  ['lowerlayerdown', '0', false],
  ['dormant', '1', false],
  ['unknown', '1', true],
  ['unknown', null, false],
])('operstate %s with carrier %s is up: %s', async (state, carrier, up) => {
  const root = sys({ operstate: `${state}\n`, ...COUNTERS, ...(carrier === null ? {} : { carrier: `${carrier}\n` }) });
  expect(await lookAtInterface('eth1', root)).toEqual({
    name: 'eth1',
    exists: true,
    up,
    packets: 123,
    received: 120,
    sent: 3,
    drops: 1,
  });
});

it('tells an interface that is not there, and does not leave its folder', async () => {
  const root = sys({ operstate: 'up' });
  expect(await lookAtInterface('eth9', root)).toMatchObject({ exists: false, up: false, packets: null });
  expect(await lookAtInterface('../eth1', root)).toMatchObject({ exists: false });
  expect(await lookAtInterface('eth1/../eth1', root)).toMatchObject({ exists: false });
  expect(['eth0.100', 'wlan0', 'br-lan', '..', 'a b', 'x'.repeat(16), ''].map(isInterfaceName)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

it('says null where the counters make no sense', async () => {
  const root = sys({ operstate: 'up', 'statistics/rx_packets': 'many', 'statistics/rx_dropped': '-1' });
  expect(await lookAtInterface('eth1', root)).toMatchObject({ up: true, packets: null, drops: null });
});
