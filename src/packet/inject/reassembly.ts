import { readFileSync } from 'node:fs';

/**
 * How often this machine could not put a packet together from its fragments, since the start: a fragment was lost on the way, or came too late. A full-size
 * frame on a way with an MTU of 1500 comes in two, and what is lost so never reaches a socket. Of all that this machine receives, not of streams alone.
 */
export class Reassembly {
  private readonly before: number;
  private readonly count: () => number;

  constructor(count = countFailures) {
    this.count = count;
    this.before = count();
  }

  /** Never below 0. */
  failures(): number {
    return Math.max(0, this.count() - this.before);
  }
}

/** The kernel's counters for IPv4 and IPv6 (RFC 4293, ipSystemStatsReasmFails). What cannot be read counts as none. */
function countFailures(): number {
  return reasmFails(text('/proc/net/snmp')) + reasm6Fails(text('/proc/net/snmp6'));
}

/** Two lines begin with `Ip:`: the names of the fields, and their values. */
export function reasmFails(snmp: string): number {
  const [names = [], values = []] = snmp
    .split('\n')
    .filter((line) => line.startsWith('Ip: '))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('ReasmFails')] ?? 0);
}

/** One name and value a line. */
export function reasm6Fails(snmp6: string): number {
  return Number(/^Ip6ReasmFails\s+(\d+)$/m.exec(snmp6)?.[1] ?? 0);
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
