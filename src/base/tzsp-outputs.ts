import { BlockList, isIP } from 'node:net';
import { dirname } from 'node:path';

/** What holds for the outputs of a TZSP receiver whether a config or flags name them. */

interface Target {
  type: string;
  /** Of an output of type inject. */
  interface?: string;
  /** Of an output of type stream. */
  path?: string;
  /** Addresses and networks; absent: all. */
  routers?: readonly string[] | undefined;
}

/**
 * Finds two outputs of which one doubles what the other does: the same interface for the same routers, so that each frame comes twice; or the same FIFO,
 * in which two files would be mixed.
 * @returns the place of the second of them, and what both write into; null without such a pair
 */
export function doubledOutput(outputs: readonly Target[]): { place: number; target: string } | null {
  for (const [place, output] of outputs.entries()) {
    const target = output.interface ?? output.path;
    if (target === undefined) continue;
    const others = outputs.slice(0, place).filter((it) => (it.interface ?? it.path) === target);
    if (others.some((it) => it.type === output.type && (it.type === 'stream' || overlap(it.routers, output.routers))))
      return { place, target };
  }
  return null;
}

/** A file is deleted by what its name is like; the folders that times would make are not looked through. */
export function hasTimeInFolder(file: string): boolean {
  return /%[YmdHMS%]/.test(dirname(file));
}

/** Two networks share an address where one of them holds the other's. */
function overlap(some: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  if (some === undefined || others === undefined) return true;
  return holdsAny(some, others) || holdsAny(others, some);
}

/** What is no address or network holds nothing: a config is told of it elsewhere. */
function holdsAny(networks: readonly string[], addresses: readonly string[]): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const { address, family, bits } = split(network);
    if (family !== null && bits <= (family === 'ipv4' ? 32 : 128)) list.addSubnet(address, bits, family);
  }
  return addresses.some((it) => {
    const { address, family } = split(it);
    return family !== null && list.check(address, family);
  });
}

function split(network: string): { address: string; family: 'ipv4' | 'ipv6' | null; bits: number } {
  const [address = '', bits] = network.split('/');
  const version = isIP(address);
  const family = version === 0 ? null : version === 4 ? 'ipv4' : 'ipv6';
  return { address, family, bits: Number(bits ?? (version === 4 ? 32 : 128)) };
}
