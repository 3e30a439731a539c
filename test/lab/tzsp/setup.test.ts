import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compareSetup, writeSetup } from '../../../src/host/tzsp-setup/install.ts';
import { setupFiles, type TzspPlan } from '../../../src/host/tzsp-setup/plan.ts';
import { labObstacle } from '../packages.ts';
import { runProgram } from '../program.ts';

/** What `varde tzsp setup` writes, read by the real systemd, networkd and sysctl. */

const obstacle = labObstacle([
  { name: 'systemd', command: 'systemd-analyze' },
  { name: 'iproute2', command: 'ip' },
  { name: 'util-linux', command: 'unshare' },
]);
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

const PLAN: TzspPlan = {
  interfaces: ['dummy0'],
  inject: ['dummy0'],
  mtu: 9000,
  address: '192.168.88.10',
  listen: ['0.0.0.0:37008'],
  routers: ['192.168.88.1', 'fd00::/8'],
  receiveBufferBytes: 33_554_432,
  receiveBufferLimit: 33_554_432,
  kernelPath: true,
  receiver: 'service',
  folders: ['/srv/pcap'],
  program: resolve('bin/varde'),
  networkd: false,
};

/** Exposure that `systemd-analyze security` gives our service; lower is better (Debian's suricata.service: 9.3). */
const MOST_EXPOSURE = 2.1;

function installed(plan: TzspPlan): string {
  const root = mkdtempSync(join(tmpdir(), 'varde-setup-'));
  // mkdtemp makes it private; networkd reads as a user of its own.
  chmodSync(root, 0o755);
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeSetup(compareSetup(setupFiles(plan), root));
  return root;
}

/** Both streams of a command line. */
const said = (command: string): string => runProgram(['sh', '-c', `${command} 2>&1`]);

test.skipIf(obstacle !== null)(title('systemd-analyze verifies the service and its hardening'), () => {
  for (const kernelPath of [false, true]) {
    const unit = join(installed({ ...PLAN, kernelPath }), 'etc/systemd/system/varde-tzsp.service');
    expect(said(`systemd-analyze verify ${unit}`)).toBe('');
    const report = said(`systemd-analyze security --offline=yes ${unit}`);
    const exposure = Number(/Overall exposure level for varde-tzsp.service: ([\d.]+)/.exec(report)?.[1]);
    expect(exposure).toBeGreaterThan(0);
    expect(exposure).toBeLessThanOrEqual(kernelPath ? MOST_EXPOSURE + 0.1 : MOST_EXPOSURE);
  }
});

test.skipIf(obstacle !== null)(title('systemd-analyze verifies the drop-in of the station'), () => {
  const units = join(installed({ ...PLAN, receiver: 'station' }), 'etc/systemd/system');
  const station = readFileSync('packaging/systemd/varde.service', 'utf8').replace('/opt/varde/bin/varde', PLAN.program);
  writeFileSync(join(units, 'varde.service'), station);
  expect(said(`systemd-analyze verify ${join(units, 'varde.service')}`)).toBe('');
  const shown = said(`systemd-analyze security --offline=yes ${join(units, 'varde.service')}`);
  // The drop-in was read: without it the station may not open packet sockets.
  expect(shown).toMatch(/✗ RestrictAddressFamilies=~AF_PACKET/);
});

test.skipIf(obstacle !== null)(title('systemd-networkd makes the interface so, and sysctl keeps IPv6 off it'), () => {
  const root = installed(PLAN);
  const folder = join(root, 'etc/systemd/network');
  // Not every kernel has the dummy driver, and here only what networkd understands is in question.
  const netdev = join(folder, '50-varde-dummy0.netdev');
  writeFileSync(netdev, readFileSync(netdev, 'utf8').replace('Kind=dummy', 'Kind=bridge'));
  mkdirSync('/etc/systemd/network', { recursive: true });
  // In namespaces of its own; /sys is read-only, as in a container, so that networkd does not wait for udev.
  const script = `
set -e
mount --make-rprivate /
mount --bind ${folder} /etc/systemd/network
mount -t tmpfs none /run/systemd/netif
chown systemd-network:systemd-network /run/systemd/netif
mount -t sysfs -o ro none /sys
SYSTEMD_LOG_LEVEL=info SYSTEMD_LOG_TARGET=console /lib/systemd/systemd-networkd &
networkd=$!
tries=0
until ip -oneline link show dev dummy0 2>/dev/null | grep -q 'UP.*mtu 9000'; do
  tries=$((tries + 1)); test $tries -lt 200 || break; sleep 0.1
done
kill $networkd
wait $networkd || true
/lib/systemd/systemd-sysctl --prefix=/net/ipv4/conf/dummy0 --prefix=/net/ipv6/conf/dummy0 ${root}/etc/sysctl.d/60-varde-tzsp.conf
echo "link: $(ip -oneline link show dev dummy0)"
echo "addresses: $(ip -oneline addr show dev dummy0)."
echo "ipv6 off: $(cat /proc/sys/net/ipv6/conf/dummy0/disable_ipv6), rp_filter: $(cat /proc/sys/net/ipv4/conf/dummy0/rp_filter)"
`;
  const file = join(root, 'script');
  writeFileSync(file, script);
  const out = said(`unshare --net --mount sh ${file}`);
  expect(out).not.toMatch(/Unknown|ignoring|Failed to parse|Invalid/i);
  expect(out).toMatch(/link: .*[<,]NOARP,UP.* mtu 9000 /);
  expect(out).not.toMatch(/link: .*MULTICAST/);
  expect(out).toContain('addresses: .');
  expect(out).toContain('ipv6 off: 1, rp_filter: 1');
});
