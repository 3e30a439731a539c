import { resolve } from 'node:path';
import { VardeError } from '../base/errors.ts';
import { parseListen } from '../packet/inject/listen.ts';
import { Networks } from '../packet/inject/networks.ts';
import { PRIVATE_NETWORKS } from '../base/private-networks.ts';
import type { TzspOutput, TzspSettings } from '../packet/tzsp/settings.ts';

export interface TzspFlags {
  config?: string;
  listen?: string[];
  router?: string[];
  inject?: string[];
  pcap?: string;
  pcapng?: string;
  write?: string;
  format: 'pcap' | 'pcapng';
  rotateSecs: number;
  rotateBytes: number;
  keep: number;
  gzip?: boolean;
  minFree: number;
  buffer: number;
  dropDuplicatesMs: number;
  /** False with --no-kernel. */
  kernel: boolean;
}

/** Settings made of flags alone. @throws VardeError usage */
export function settingsOfFlags(flags: TzspFlags): TzspSettings {
  const listen = flags.listen ?? ['0.0.0.0:37008'];
  listen.forEach(parseListen);
  const routers = flags.router ?? [...PRIVATE_NETWORKS];
  checkNetworks(routers);
  return {
    listen,
    routers,
    receiveBufferBytes: flags.buffer,
    dropDuplicatesMs: flags.dropDuplicatesMs,
    kernelPath: flags.kernel ? 'auto' : 'off',
    outputs: outputsOf(flags),
  };
}

/** Whether anything was said by a flag that the config says otherwise. */
export function hasFlags(flags: TzspFlags): boolean {
  return [flags.listen, flags.router, flags.inject, flags.pcap, flags.pcapng, flags.write].some(
    (it) => it !== undefined,
  );
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
    outputs.push({
      type,
      file: resolve(file),
      rotateSecs: flags.rotateSecs,
      rotateBytes: flags.rotateBytes,
      keepFiles: flags.keep,
      compress: flags.gzip === true ? 'gzip' : 'none',
      minFreeBytes: flags.minFree,
    });
  }
  if (flags.write !== undefined)
    outputs.push({ type: 'stream', path: flags.write === '-' ? '-' : resolve(flags.write), format: flags.format });
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
