import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { compareSetup, writeSetup } from '../../host/tzsp-setup/install.ts';
import { setupFiles, type TzspPlan } from '../../host/tzsp-setup/plan.ts';
import { tzspPlan } from '../tzsp-plan.ts';
import { lookAtSetup, setupLines, setupProblems } from './tzsp-setup.ts';

const { tzsp, data } = configSchema.parse({
  data: '/var/lib/varde',
  tzsp: { outputs: [{ type: 'inject', interface: 'dummy0' }] },
});

/** A machine with all of the files, as they were written with these flags. */
function installed(changes: Partial<TzspPlan> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'varde-doctor-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const plan = tzspPlan({ address: '192.0.2.1', root }, tzsp, data);
  writeSetup(compareSetup(setupFiles({ ...plan, ...changes }), root));
  return root;
}

function look(root: string): { states: string[]; problems: string[] } {
  const looks = lookAtSetup(tzsp!, data, root);
  return {
    states: looks.map(({ path, state }) => `${path.split('/').at(-1)} ${state}`),
    problems: setupProblems(looks, root).map(({ code, message }) => `${code} ${message}`),
  };
}

const FILES = [
  'varde-tzsp.conf',
  '60-varde-tzsp.conf',
  '50-varde-dummy0.netdev',
  '50-varde-dummy0.network',
  'tzsp.conf',
];

it('finds all as setup wrote it, with whatever flags', () => {
  const good = { states: FILES.map((name) => `${name} as it should be`), problems: [] };
  expect(look(installed())).toEqual(good);
  expect(look(installed({ mtu: 2000, kernelPath: true, address: '192.0.2.9' }))).toEqual(good);
});

it('tells what is missing, and what was changed without calling it a fault', () => {
  const root = installed();
  rmSync(join(root, 'etc/systemd/network/50-varde-dummy0.netdev'));
  writeFileSync(join(root, 'etc/systemd/network/50-varde-dummy0.network'), 'mine');
  const { states, problems } = look(root);
  expect(states.slice(2, 4)).toEqual(['50-varde-dummy0.netdev missing', '50-varde-dummy0.network differs']);
  expect(problems).toEqual([
    expect.stringMatching(/^tzsp_setup_missing .*50-varde-dummy0\.netdev \(makes dummy0\) is/),
  ]);
  expect(setupLines(lookAtSetup(tzsp!, data, root))).toContain(
    '  differs  /etc/systemd/network/50-varde-dummy0.network',
  );
});

it('tells a limit of buffers that is not in force', () => {
  const root = installed();
  mkdirSync(join(root, 'proc/sys/net/core'), { recursive: true });
  const limit = join(root, 'proc/sys/net/core/rmem_max');
  writeFileSync(limit, '212992\n');
  expect(look(root).problems).toEqual([
    'tzsp_setup_inactive /etc/sysctl.d/60-varde-tzsp.conf is not in force: net.core.rmem_max is 212992 instead of 33554432.',
  ]);
  writeFileSync(limit, '33554432\n');
  expect(look(root).problems).toEqual([]);
});

it('asks nothing of a machine that was set up by other means', () => {
  const root = mkdtempSync(join(tmpdir(), 'varde-doctor-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  expect(look(root)).toEqual({ states: FILES.map((name) => `${name} missing`), problems: [] });
  expect(setupLines(lookAtSetup(tzsp!, data, root))).toHaveLength(1);
});
