import { parseIp } from '../event/ip.ts';
import type { Shot, Source } from './probe.ts';
import { Stop } from './stop.ts';

/** A shot at an address of this machine, for tests; `sources` fills when it is sent. */
export function shotAt(address: string, port: number | null, more: Partial<Shot> = {}): Shot & { sources: Source[] } {
  const ip = parseIp(address);
  if (ip === null) throw new Error(`${address} is no address`);
  const sources: Source[] = [];
  return {
    to: { ip, scope: 0, text: ip.text },
    port,
    device: null,
    seq: 1,
    waitMs: 20_000,
    stop: new Stop(),
    token: () => TOKEN,
    sent: (source) => void sources.push(source),
    sources,
    ...more,
  };
}

export const TOKEN = 'abcdefgh'.repeat(6);
