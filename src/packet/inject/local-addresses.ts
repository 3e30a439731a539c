import { networkInterfaces } from 'node:os';

/** Addresses of this machine: a stream that was sent to one of them and comes inside a stream is a loop. */
export function localAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((it) => it.address));
}
