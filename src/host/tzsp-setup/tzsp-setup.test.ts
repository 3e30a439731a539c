import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lineDiff } from './diff.ts';
import { compareSetup, writeSetup } from './install.ts';
import { afterwards, isPlainName, setupFiles, type TzspPlan } from './plan.ts';
import { routerOsText } from './routeros.ts';

const PLAN: TzspPlan = {
  interfaces: ['dummy0'],
  inject: ['dummy0'],
  mtu: 9000,
  address: '192.168.88.10',
  listen: ['0.0.0.0:37008'],
  routers: [],
  receiveBufferBytes: 33_554_432,
  receiveBufferLimit: 33_554_432,
  kernelPath: false,
  receiver: 'service',
  folders: [],
  program: '/opt/varde/bin/varde',
  networkd: false,
};

const textOf = (plan: TzspPlan, path: string): string =>
  setupFiles(plan).find((file) => file.path.endsWith(path))?.text ?? '';

function place(): string {
  const root = mkdtempSync(join(tmpdir(), 'varde-setup-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

describe('the files', () => {
  it('are these, in this order', () => {
    expect(setupFiles(PLAN).map(({ path }) => path)).toEqual([
      '/etc/modules-load.d/varde-tzsp.conf',
      '/etc/sysctl.d/60-varde-tzsp.conf',
      '/etc/systemd/network/50-varde-dummy0.netdev',
      '/etc/systemd/network/50-varde-dummy0.network',
      '/etc/systemd/system/varde-tzsp.service',
    ]);
  });

  it('give the interface its MTU and no address', () => {
    expect(textOf(PLAN, '.netdev')).toContain('Name=dummy0\nKind=dummy\nMTUBytes=9000\n');
    const network = textOf(PLAN, '.network');
    for (const line of ['MTUBytes=9000', 'ARP=no', 'LinkLocalAddressing=no', 'IPv6AcceptRA=no', 'RequiredForOnline=no'])
      expect(network).toContain(`${line}\n`);
    expect(network).not.toContain('Address=');
    expect(textOf(PLAN, 'sysctl.d/60-varde-tzsp.conf')).toContain('-net/ipv6/conf/dummy0/disable_ipv6 = 1\n');
  });

  it('the packaged unit is the one for the usual place', () => {
    expect(readFileSync('packaging/systemd/varde-tzsp.service', 'utf8')).toBe(textOf(PLAN, 'varde-tzsp.service'));
  });

  it('the service has two capabilities, and one more for the kernel path', () => {
    const unit = textOf(PLAN, 'varde-tzsp.service');
    expect(unit).toContain('CapabilityBoundingSet=CAP_NET_RAW CAP_NET_ADMIN\n');
    expect(unit).toContain(' --inject dummy0 --buffer 33554432 --no-kernel\n');
    const more = textOf({ ...PLAN, kernelPath: true, routers: ['192.168.88.1'] }, 'varde-tzsp.service');
    expect(more).toContain('CapabilityBoundingSet=CAP_NET_RAW CAP_NET_ADMIN CAP_BPF\n');
    expect(more).toContain('SystemCallFilter=@system-service bpf\n');
    expect(more).toContain(' --router 192.168.88.1 --inject dummy0 --buffer 33554432\n');
  });

  it('the service is started on and on, as when its address comes late', () => {
    const [head] = textOf(PLAN, 'varde-tzsp.service').split('[Service]');
    expect(head).toContain('\nStartLimitIntervalSec=0\n');
  });

  it('never lower what any program may ask of a buffer', () => {
    const text = textOf({ ...PLAN, receiveBufferLimit: 67_108_864 }, 'sysctl.d/60-varde-tzsp.conf');
    expect(text).toContain('net.core.rmem_max = 67108864\n');
    expect(textOf({ ...PLAN, receiveBufferLimit: 67_108_864 }, 'varde-tzsp.service')).toContain('--buffer 33554432');
  });

  it('no boot waits for a network that networkd never makes', () => {
    const hint = 'systemctl disable systemd-networkd-wait-online';
    expect(afterwards(PLAN)).toContain(hint);
    // Where networkd makes the network, that wait has its use, and enabling it anew would undo what the administrator chose.
    const other = afterwards({ ...PLAN, networkd: true });
    expect(other).not.toContain(hint);
    expect(other.join('\n')).not.toContain('enable --now systemd-networkd');
  });

  it('a station gets a drop-in instead', () => {
    const plan = { ...PLAN, receiver: 'station' as const, folders: ['/srv/pcap'] };
    expect(setupFiles(plan).at(-1)!.path).toBe('/etc/systemd/system/varde.service.d/tzsp.conf');
    expect(textOf(plan, 'varde.service.d/tzsp.conf')).toContain(
      'RestrictAddressFamilies=AF_PACKET\nReadWritePaths=-/srv/pcap\n',
    );
  });
});

it.each(['a b', 'a%i', '$x', '-x', '.', '123', 'a"b', "a'b", 'a\nb', 'x'.repeat(16), ''])(
  '%j is no plain name',
  (name) => {
    expect(isPlainName(name)).toBe(false);
  },
);

describe('the commands for the router', () => {
  it('name both ways, and the sensor', () => {
    const text = routerOsText({ address: '192.168.88.10', port: 37_008 });
    expect(text).toContain('streaming-server=192.168.88.10:37008 filter-stream=yes only-headers=no');
    expect(text).toContain('/ip firewall mangle add chain=forward action=sniff-tzsp sniff-target=192.168.88.10');
    expect(text).toContain('/ipv6 firewall mangle add chain=forward action=sniff-tzsp');
    expect(text).toContain('protocol=udp dst-address=192.168.88.10 dst-port=37008 action=accept');
    for (const trap of ['FastTrack', 'hardware offload', 'feedback loop', 'reboot']) expect(text).toContain(trap);
  });

  it('exempt the stream under its own IP version', () => {
    const text = routerOsText({ address: 'fd00::10', port: 1 });
    expect(text).toContain('streaming-server=[fd00::10]:1 ');
    expect(text).toContain(
      '/ipv6 firewall mangle add chain=forward protocol=udp dst-address=fd00::10 dst-port=1 action=accept',
    );
  });
});

describe('installing', () => {
  it('writes once, and then finds nothing to do', () => {
    const root = place();
    const first = compareSetup(setupFiles(PLAN), root);
    expect(new Set(first.map(({ state }) => state))).toEqual(new Set(['new']));
    writeSetup(first);
    for (const { target, text } of first) {
      expect(readFileSync(target, 'utf8')).toBe(text);
      expect(statSync(target).mode & 0o777).toBe(0o644);
    }
    expect(new Set(compareSetup(setupFiles(PLAN), root).map(({ state }) => state))).toEqual(new Set(['same']));
  });

  it('shows what it would change in a file that was edited', () => {
    const root = place();
    writeSetup(compareSetup(setupFiles(PLAN), root));
    const changes = compareSetup(setupFiles({ ...PLAN, mtu: 2000 }), root).filter(({ state }) => state !== 'same');
    expect(changes.map(({ path, state }) => `${path.split('.').at(-1)} ${state}`)).toEqual([
      'netdev changed',
      'network changed',
    ]);
    expect(changes[0]!.diff.filter((line) => !line.startsWith('  '))).toEqual(['- MTUBytes=9000', '+ MTUBytes=2000']);
  });

  it('leaves alone what is no file', () => {
    const [file] = setupFiles(PLAN);
    const link = place();
    mkdirSync(dirname(join(link, file!.path)), { recursive: true });
    writeFileSync(join(link, 'mine'), 'mine');
    symlinkSync(join(link, 'mine'), join(link, file!.path));
    expect(() => compareSetup([file!], link)).toThrow('something else has this path');
    const folder = place();
    mkdirSync(join(folder, file!.path), { recursive: true });
    expect(() => compareSetup([file!], folder)).toThrow('something else');
  });

  it('says which path cannot be written, and leaves nothing half', () => {
    const root = place();
    const changes = compareSetup(setupFiles(PLAN).slice(0, 1), root);
    writeFileSync(join(root, 'etc'), 'a file where a folder should be');
    expect(() => writeSetup(changes)).toThrow(join(root, 'etc/modules-load.d/varde-tzsp.conf'));
  });
});

it.each([
  ['', 'a\n', ['+ a']],
  ['a\n', '', ['- a']],
  ['a\nb\nc\n', 'a\nx\nc\n', ['  a', '- b', '+ x', '  c']],
  ['a\nb\n', 'b\na\n', ['- a', '  b', '+ a']],
  ['a', 'a\n', ['  a']],
])('diff of %j and %j', (before, after, expected) => {
  expect(lineDiff(before, after)).toEqual(expected);
});
