import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VardeError } from '../../base/errors.ts';
import type { TzspConfig } from '../../config/schema.ts';
import { compareSetup } from '../../host/tzsp-setup/install.ts';
import { receiveBufferLimit } from '../../host/tzsp-setup/machine.ts';
import { netdevPath } from '../../host/tzsp-setup/networkd.ts';
import { setupFiles, type TzspPlan } from '../../host/tzsp-setup/plan.ts';
import type { Problem } from '../../pipeline/verdict.ts';
import { tzspPlan } from '../tzsp-plan.ts';

/** A file that `varde tzsp setup` makes for this config. */
export interface SetupLook {
  path: string;
  purpose: string;
  /** `differs`: it was changed by hand, or made by another version; that alone is no fault. */
  state: 'as it should be' | 'differs' | 'missing' | 'unreadable';
}

/** How the files that `varde tzsp setup` makes stand; empty where none can be named. @param root for tests */
export function lookAtSetup(config: TzspConfig, data: string, root = '/'): SetupLook[] {
  try {
    // Flags of the time when they were written are not known: the MTU is what stands there, and both kinds of unit are right.
    const plan = tzspPlan({ address: '127.0.0.1', root, force: true }, config, data);
    const usual = { ...plan, mtu: mtuOf(plan, root) ?? plan.mtu };
    const [first, second] = [false, true].map((kernelPath) => setupFiles({ ...usual, kernelPath }));
    return first!.map((file, i) => {
      const states = [file, second![i]!].map((one) => stateOf(one, root));
      return {
        path: file.path,
        purpose: file.purpose,
        state: states.includes('as it should be') ? 'as it should be' : states[0]!,
      };
    });
  } catch (error) {
    // Such as an interface whose name setup does not take.
    if (error instanceof VardeError) return [];
    throw error;
  }
}

/** What is missing of a set-up that was begun, and what of it is not in force. Whoever made the interface by other means has none of the files. */
export function setupProblems(looks: readonly SetupLook[], root = '/'): Problem[] {
  if (looks.every(({ state }) => state === 'missing')) return [];
  const problems: Problem[] = looks
    .filter(({ state }) => state === 'missing' || state === 'unreadable')
    .map(({ path, purpose, state }) => ({
      code: 'tzsp_setup_missing',
      message: `${path} (${purpose}) ${state === 'missing' ? 'is missing' : 'cannot be read'}, though the rest of the set-up is there.`,
      remedy: 'sudo varde tzsp setup --write, then the commands that it prints.',
    }));
  const sysctl = looks.find(({ path }) => path.includes('/sysctl.d/'));
  const wanted = sysctl === undefined ? null : wantedLimit(join(root, sysctl.path));
  const limit = receiveBufferLimit(root);
  if (sysctl !== undefined && wanted !== null && limit !== null && limit < wanted)
    problems.push({
      code: 'tzsp_setup_inactive',
      message: `${sysctl.path} is not in force: net.core.rmem_max is ${limit} instead of ${wanted}.`,
      remedy: 'sysctl --system; if that does not help, another file of /etc/sysctl.d sets it afterwards.',
    });
  return problems;
}

/** In lines; none without a config of TZSP. */
export function setupLines(looks: readonly SetupLook[]): string[] {
  if (looks.length === 0) return [];
  if (looks.every(({ state }) => state === 'missing'))
    return ['Set-up   none of the files of varde tzsp setup: the interface was made by other means'];
  return ['Set-up   of TZSP (varde tzsp setup shows what differs)', ...looks.map((it) => `  ${it.state}  ${it.path}`)];
}

function stateOf(file: { path: string; purpose: string; text: string }, root: string): SetupLook['state'] {
  try {
    const { state } = compareSetup([file], root)[0]!;
    return state === 'same' ? 'as it should be' : state === 'new' ? 'missing' : 'differs';
  } catch (error) {
    if (error instanceof VardeError) return 'unreadable';
    throw error;
  }
}

function mtuOf({ interfaces }: TzspPlan, root: string): number | null {
  const text = interfaces.map((name) => read(join(root, netdevPath(name)))).find((it) => it !== '') ?? '';
  const found = /^MTUBytes=(\d{1,5})$/m.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

function wantedLimit(path: string): number | null {
  const found = /^net\.core\.rmem_max = (\d{1,10})$/m.exec(read(path))?.[1];
  return found === undefined ? null : Number(found);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
