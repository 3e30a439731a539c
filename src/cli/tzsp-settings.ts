import { resolve } from 'node:path';
import { VardeError } from '../base/errors.ts';
import { PRIVATE_NETWORKS } from '../base/private-networks.ts';
import { doubledOutput, hasTimeInFolder } from '../base/tzsp-outputs.ts';
import { parseListen } from '../packet/inject/listen.ts';
import { Networks } from '../packet/inject/networks.ts';
import type { TzspOutput, TzspSettings } from '../packet/tzsp/settings.ts';

export interface TzspFlags {
  config?: string;
  listen?: string[];
  router?: string[];
  inject?: string[];
  pcap?: string;
  pcapng?: string;
  write?: string;
  format?: 'pcap' | 'pcapng';
  rotateSecs?: number;
  rotateBytes?: number;
  keep?: number;
  gzip?: boolean;
  minFree?: number;
  buffer?: number;
  dropDuplicatesMs?: number;
  /** False with --no-kernel. */
  kernel: boolean;
}

/** Flags that say how something is written, by what must be there for them. */
const OF_FILES = ['rotateSecs', 'rotateBytes', 'keep', 'gzip', 'minFree'] as const;

/** Settings made of flags alone. @throws VardeError usage */
export function settingsOfFlags(flags: TzspFlags): TzspSettings {
  checkFlags(flags);
  const listen = flags.listen ?? ['0.0.0.0:37008'];
  listen.forEach(parseListen);
  const routers = flags.router ?? [...PRIVATE_NETWORKS];
  checkNetworks(routers);
  return {
    listen,
    routers,
    receiveBufferBytes: flags.buffer ?? 32 * 1024 * 1024,
    dropDuplicatesMs: flags.dropDuplicatesMs ?? 0,
    kernelPath: flags.kernel ? 'auto' : 'off',
    outputs: outputsOf(flags),
  };
}

/** What the config says, but for what flags say of the receiving itself. @throws VardeError usage */
export function overConfig(settings: TzspSettings, flags: TzspFlags): TzspSettings {
  checkFlags(flags);
  return {
    ...settings,
    receiveBufferBytes: flags.buffer ?? settings.receiveBufferBytes,
    dropDuplicatesMs: flags.dropDuplicatesMs ?? settings.dropDuplicatesMs,
    kernelPath: flags.kernel ? settings.kernelPath : 'off',
  };
}

/** Whether flags say where to listen or to write: then the config does not. */
export function hasFlags(flags: TzspFlags): boolean {
  return [flags.listen, flags.router, flags.inject, flags.pcap, flags.pcapng, flags.write].some(
    (it) => it !== undefined,
  );
}

/** A flag that would change nothing is a mistake. */
function checkFlags(flags: TzspFlags): void {
  for (const name of OF_FILES)
    if (flags[name] !== undefined && flags.pcap === undefined && flags.pcapng === undefined)
      throw new VardeError('usage', `${flagOf(name)} is of --pcap and --pcapng; the config has its own key for it`);
  if (flags.format !== undefined && flags.write === undefined)
    throw new VardeError('usage', '--format is of --write; the config has its own key for it');
}

function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function outputsOf(flags: TzspFlags): TzspOutput[] {
  const outputs: TzspOutput[] = (flags.inject ?? []).map((text) => {
    const [name = '', routers] = text.split('=');
    if (!/^[^\s/:]{1,15}$/.test(name)) throw new VardeError('usage', `"${name}" is no name of an interface`);
    if (routers === undefined) return { type: 'inject', interface: name };
    const list = routers.split(',');
    checkNetworks(list);
    return { type: 'inject', interface: name, routers: list };
  });
  for (const type of ['pcap', 'pcapng'] as const) {
    const file = flags[type];
    if (file === undefined) continue;
    if (hasTimeInFolder(resolve(file)))
      throw new VardeError('usage', `"${file}" may have times such as %Y in its name only, not in its folders`);
    outputs.push({
      type,
      file: resolve(file),
      rotateSecs: flags.rotateSecs ?? 0,
      rotateBytes: flags.rotateBytes ?? 0,
      keepFiles: flags.keep ?? 0,
      compress: flags.gzip === true ? 'gzip' : 'none',
      minFreeBytes: flags.minFree ?? 100_000_000,
    });
  }
  if (flags.write !== undefined) {
    const path = flags.write === '-' ? '-' : resolve(flags.write);
    outputs.push({ type: 'stream', path, format: flags.format ?? 'pcap' });
  }
  const doubled = doubledOutput(outputs);
  if (doubled !== null)
    throw new VardeError('usage', `--inject names ${doubled.target} twice, so that its frames would come twice`);
  return outputs;
}

function checkNetworks(list: readonly string[]): void {
  try {
    void new Networks(list);
  } catch (error) {
    if (error instanceof RangeError) throw new VardeError('usage', error.message, { cause: error });
    throw error;
  }
}
