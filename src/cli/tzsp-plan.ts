import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { VardeError } from '../base/errors.ts';
import { PACKAGE_ROOT } from '../base/package-root.ts';
import { visibleText } from '../base/text-safe.ts';
import type { TzspConfig } from '../config/schema.ts';
import { interfaceMake, makesNetwork, receiveBufferLimit } from '../host/tzsp-setup/machine.ts';
import { netdevPath } from '../host/tzsp-setup/networkd.ts';
import { isPlainName, MTU_RANGE, type TzspPlan } from '../host/tzsp-setup/plan.ts';

/** What flags of `varde tzsp setup` say. */
export interface PlanOptions {
  interface?: string[];
  router?: string[];
  mtu?: number;
  address?: string;
  kernelPath?: boolean;
  /** Make an interface of any free name, and leave one alone that is none of ours. */
  force?: boolean;
  root?: string;
}

const DEFAULTS: Pick<TzspConfig, 'listen' | 'receive_buffer_bytes'> = {
  listen: ['0.0.0.0:37008'],
  receive_buffer_bytes: 32 * 1024 * 1024,
};

/** What flags, config and this machine (or image) say together. @throws VardeError usage */
export function tzspPlan(options: PlanOptions, config: TzspConfig | undefined, data: string): TzspPlan {
  const { root = '/', force = false } = options;
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
    interfaces: inject.filter((name) => isToBeMade(name, root, force)),
    inject,
    mtu,
    address: options.address === undefined ? ownAddress(inject) : checkedAddress(options.address),
    listen,
    routers: (options.router ?? []).map(checkedNetwork),
    receiveBufferBytes: receive_buffer_bytes,
    // Another program may need what is there.
    receiveBufferLimit: Math.max(receive_buffer_bytes, receiveBufferLimit(root) ?? 0),
    kernelPath: options.kernelPath === true,
    receiver: config === undefined ? 'service' : 'station',
    folders: foldersOf(config, data),
    program,
    networkd: makesNetwork(root),
  };
}

/**
 * Whether networkd files are written for it. What is there for something else is not taken over: networkd would set its MTU and take its addresses away.
 *
 * @throws VardeError usage
 */
function isToBeMade(name: string, root: string, force: boolean): boolean {
  const { make, what } = interfaceMake(name, root);
  if (make === 'card') return false;
  if (make === 'dummy') return true;
  if (make === 'other') {
    if (force) return false;
    throw new VardeError(
      'usage',
      `${name} is there already and is a ${visibleText(what)}: as an interface for frames it would lose its addresses. Choose a free name, such as dummy0. ` +
        'To write frames into it as it is: --force, which leaves it alone.',
    );
  }
  if (force || /^dummy\d+$/.test(name) || existsSync(join(root, netdevPath(name)))) return true;
  throw new VardeError(
    'usage',
    `there is no interface ${name} now: is it a card that is not plugged in? A dummy of its name would stand in its way. ` +
      'Choose a name such as dummy0. To make a dummy of this name: --force.',
  );
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
