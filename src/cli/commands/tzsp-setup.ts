import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { VardeError } from '../../base/errors.ts';
import { PACKAGE_ROOT } from '../../base/package-root.ts';
import { visibleText } from '../../base/text-safe.ts';
import type { TzspConfig } from '../../config/schema.ts';
import { compareSetup, writeSetup, type SetupChange } from '../../host/tzsp-setup/install.ts';
import { afterwards, isPlainName, MTU_RANGE, setupFiles, type TzspPlan } from '../../host/tzsp-setup/plan.ts';
import { routerOsText } from '../../host/tzsp-setup/routeros.ts';
import { resolveSettings, type CommonOptions } from '../settings.ts';

export interface TzspSetupOptions extends CommonOptions {
  interface?: string[];
  router?: string[];
  mtu?: number;
  address?: string;
  kernelPath?: boolean;
  write?: boolean;
  root?: string;
}

const DEFAULTS: Pick<TzspConfig, 'listen' | 'receive_buffer_bytes'> = {
  listen: ['0.0.0.0:37008'],
  receive_buffer_bytes: 32 * 1024 * 1024,
};

/** `varde tzsp setup`: shows the files of a sensor that receives TZSP and the commands for its router; with `--write` installs the files. */
export async function tzspSetup(options: TzspSetupOptions): Promise<number> {
  const { config } = resolveSettings(options);
  const plan = planOf(options, config.tzsp, config.data);
  const root = resolve(options.root ?? '/');
  const changes = compareSetup(setupFiles(plan), root);
  process.stdout.write(`${changes.flatMap(changeLines).join('\n')}\n`);
  if (options.write === true) writeSetup(changes);
  process.stdout.write(`${ending(plan, changes, options.write === true, root).join('\n')}\n`);
  return 0;
}

/** What flags, config and this machine say together. */
function planOf(options: TzspSetupOptions, config: TzspConfig | undefined, data: string): TzspPlan {
  const configured = (config?.outputs ?? []).flatMap((output) => (output.type === 'inject' ? [output.interface] : []));
  const inject = [...new Set(options.interface ?? (configured.length > 0 ? configured : ['dummy0']))];
  for (const name of inject)
    if (!isPlainName(name))
      throw new VardeError('usage', `"${visibleText(name)}" is no name for an interface that systemd makes`);
  const mtu = options.mtu ?? MTU_RANGE.usual;
  if (mtu < MTU_RANGE.least || mtu > MTU_RANGE.most)
    throw new VardeError('usage', `the MTU must be between ${MTU_RANGE.least} and ${MTU_RANGE.most}`);
  const program = join(PACKAGE_ROOT, 'bin', 'varde');
  if (!/^[\w./+-]+$/.test(program))
    throw new VardeError('usage', `${visibleText(program)}: a unit needs a path without blanks and signs`);
  const { listen, receive_buffer_bytes } = config ?? DEFAULTS;
  return {
    // A card keeps what it has: networkd would set its MTU and take its addresses away.
    interfaces: inject.filter((name) => !existsSync(`/sys/class/net/${name}/device`)),
    inject,
    mtu,
    address: options.address === undefined ? ownAddress(inject) : checkedAddress(options.address),
    listen,
    routers: (options.router ?? []).map(checkedNetwork),
    receiveBufferBytes: receive_buffer_bytes,
    kernelPath: options.kernelPath === true,
    receiver: config === undefined ? 'service' : 'station',
    folders: foldersOf(config, data),
    program,
  };
}

/** Folders of the station's files and FIFOs that its unit does not let it write to yet. */
function foldersOf(config: TzspConfig | undefined, data: string): string[] {
  const paths = (config?.outputs ?? []).flatMap((output) =>
    output.type === 'stream' ? [output.path] : output.type === 'inject' ? [] : [output.file],
  );
  const folders = new Set(paths.map((path) => dirname(path)).filter((folder) => !`${folder}/`.startsWith(`${data}/`)));
  for (const folder of folders)
    if (!/^[\w./+-]+$/.test(folder))
      throw new VardeError('usage', `${visibleText(folder)}: a unit needs a path without blanks and signs`);
  return [...folders].sort();
}

function checkedAddress(text: string): string {
  if (isIP(text) === 0 || text.includes('%')) throw new VardeError('usage', `"${visibleText(text)}" is no address`);
  return text;
}

function checkedNetwork(text: string): string {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  const known = prefix === undefined || (/^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= bits);
  if (more.length > 0 || !known) throw new VardeError('usage', `"${visibleText(text)}" is no address and no network`);
  checkedAddress(address);
  return text;
}

/** The address that a router would send to: the first of this machine that others can reach. */
function ownAddress(ours: readonly string[]): string {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (ours.includes(name)) continue;
    for (const { family, internal, address } of addresses ?? []) if (family === 'IPv4' && !internal) return address;
  }
  throw new VardeError(
    'usage',
    'this machine has no IPv4 address that a router could send to; give one with --address',
  );
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
