import { resolve } from 'node:path';
import { visibleText } from '../../base/text-safe.ts';
import { compareSetup, writeSetup, type SetupChange } from '../../host/tzsp-setup/install.ts';
import { afterwards, setupFiles, type TzspPlan } from '../../host/tzsp-setup/plan.ts';
import { routerOsText } from '../../host/tzsp-setup/routeros.ts';
import { resolveSettings, type CommonOptions } from '../settings.ts';
import { type PlanOptions, tzspPlan } from '../tzsp-plan.ts';

export interface TzspSetupOptions extends CommonOptions, PlanOptions {
  write?: boolean;
}

/** `varde tzsp setup`: shows the files of a sensor that receives TZSP and the commands for its router; with `--write` installs the files. */
export async function tzspSetup(options: TzspSetupOptions): Promise<number> {
  const { config } = resolveSettings(options);
  const root = resolve(options.root ?? '/');
  const plan = tzspPlan({ ...options, root }, config.tzsp, config.data);
  const changes = compareSetup(setupFiles(plan), root);
  process.stdout.write(`${changes.flatMap(changeLines).join('\n')}\n`);
  if (options.write === true) writeSetup(changes);
  process.stdout.write(`${ending(plan, changes, options.write === true, root).join('\n')}\n`);
  return 0;
}

function changeLines({ target, purpose, state, text, diff }: SetupChange): string[] {
  const word = { new: 'new', changed: 'changed', same: 'as it should be' }[state];
  const body =
    state === 'same'
      ? []
      : state === 'new'
        ? text
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`)
        : diff;
  return [`--- ${visibleText(target)} (${word}): ${purpose}`, ...body.map(visibleText), ''];
}

function ending(plan: TzspPlan, changes: readonly SetupChange[], wrote: boolean, root: string): string[] {
  const count = changes.filter(({ state }) => state !== 'same').length;
  const done =
    count === 0
      ? 'Every file is as it should be.'
      : wrote
        ? `${count} ${count === 1 ? 'file' : 'files'} written below ${root}.`
        : `Nothing was written. To install: varde tzsp setup --write (as root), with the same flags.`;
  const port = Number(/:(\d+)$/.exec(plan.listen[0] ?? '')?.[1] ?? 37_008);
  return [
    done,
    '',
    '=== On this machine, as root, after writing ===',
    ...afterwards(plan).map((command) => `  ${command}`),
    `Let UDP port ${port} through this machine's firewall, from the router only.`,
    `Suricata: add an af-packet entry with "interface: ${plan.inject.join('" and another with "interface: ')}" and start it anew. Then: varde doctor`,
    '',
    routerOsText({ address: plan.address, port }),
  ];
}
