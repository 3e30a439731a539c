import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configSchema } from '../config/schema.ts';
import type { TzspPlan } from '../host/tzsp-setup/plan.ts';
import { type PlanOptions, tzspPlan } from './tzsp-plan.ts';

/** Files of a machine, by path. */
function machine(files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'varde-plan-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** An interface as sysfs shows it; `more`: other files of it. */
function link(name: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const plain = { type: '1\n', iflink: '7\n', ifindex: '7\n', flags: '0x83\n', uevent: `INTERFACE=${name}\n` };
  return Object.fromEntries(
    Object.entries({ ...plain, ...more }).map(([file, text]) => [`sys/class/net/${name}/${file}`, text]),
  );
}

const plan = (root: string, options: PlanOptions): TzspPlan =>
  tzspPlan({ address: '192.0.2.1', root, ...options }, undefined, '/var/lib/varde');
const made = (root: string, name: string, options: PlanOptions = {}): readonly string[] =>
  plan(root, { interface: [name], ...options }).interfaces;

describe('the interface', () => {
  it('is made where it is to be a dummy, or is one', () => {
    expect(made(machine(), 'dummy0')).toEqual(['dummy0']);
    expect(made(machine(link('tap-in')), 'tap-in')).toEqual(['tap-in']);
    expect(made(machine({ 'etc/systemd/network/50-varde-mirror.netdev': '' }), 'mirror')).toEqual(['mirror']);
  });

  it.each<[string, Record<string, string>]>([
    ['bridge', { 'bridge/stp_state': '0', uevent: 'DEVTYPE=bridge\nINTERFACE=x\n' }],
    ['bridge', { 'bridge/stp_state': '0' }],
    ['bond', { 'bonding/mode': '' }],
    ['vlan', { uevent: 'DEVTYPE=vlan\n', iflink: '2\n' }],
    ['tunnel', { tun_flags: '0x1002\n' }],
    ['virtual interface', { iflink: '2\n' }],
    ['virtual interface', { flags: '0x1003\n' }],
    ['virtual interface', { type: '772\n' }],
  ])('that is a %s is not taken over', (what, files) => {
    const root = machine(link('dummy1', files));
    expect(() => made(root, 'dummy1')).toThrow(`is a ${what}`);
    expect(made(root, 'dummy1', { force: true })).toEqual([]);
  });

  it('that is a card stays as it is, and one that is not plugged in is not made up', () => {
    const card = machine(link('eth1', { 'device/uevent': '' }));
    expect(plan(card, { interface: ['eth1', 'dummy0'] })).toMatchObject({
      interfaces: ['dummy0'],
      inject: ['eth1', 'dummy0'],
    });
    expect(() => made(machine(), 'enx0011')).toThrow('not plugged in');
    expect(made(machine(), 'enx0011', { force: true })).toEqual(['enx0011']);
  });

  it('comes from the config where no flag names one', () => {
    const { tzsp, data } = configSchema.parse({ tzsp: { outputs: [{ type: 'inject', interface: 'br0' }] } });
    const root = machine(link('br0', { 'bridge/stp_state': '0' }));
    expect(() => tzspPlan({ root, address: '192.0.2.1' }, tzsp, data)).toThrow('br0 is there already');
  });
});

it('never lowers the limit of buffers', () => {
  const limit = (text: string): number => plan(machine({ 'proc/sys/net/core/rmem_max': text }), {}).receiveBufferLimit;
  expect(limit('212992\n')).toBe(33_554_432);
  expect(limit('268435456\n')).toBe(268_435_456);
  expect(plan(machine(), {}).receiveBufferLimit).toBe(33_554_432);
});

it('knows whether networkd makes the network', () => {
  const root = machine();
  expect(plan(root, {}).networkd).toBe(false);
  const wants = join(root, 'etc/systemd/system/multi-user.target.wants');
  mkdirSync(wants, { recursive: true });
  symlinkSync('/lib/systemd/system/systemd-networkd.service', join(wants, 'systemd-networkd.service'));
  const folder = join(root, 'run/systemd/network');
  mkdirSync(folder, { recursive: true });
  // Started for our interface alone it has no network to wait for.
  writeFileSync(join(folder, '50-varde-dummy0.network'), '');
  expect(plan(root, {}).networkd).toBe(false);
  writeFileSync(join(folder, '10-netplan-eth0.network'), '');
  expect(plan(root, {}).networkd).toBe(true);
});
