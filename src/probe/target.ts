import { readFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { VardeError, systemCode } from '../base/errors.ts';
import { parseIp, type Ip } from '../event/ip.ts';

/** Where a probe goes, ready for the kernel. */
export interface Address {
  ip: Ip;
  /** Number of the interface that a link-local IPv6 address belongs to, else 0 (RFC 4007). */
  scope: number;
  /** As Node wants it: with `%interface` where it has one. */
  text: string;
}

export type Target = { kind: 'address'; ip: Ip; zone: string | null } | { kind: 'name'; name: string };

/**
 * An address (IPv6 with a `%zone` too) or a host name.
 *
 * Refused are addresses that stand for many or for none: an answer could come from anybody, and a wrong prefix length must not make us
 * knock at a whole network.
 *
 * @throws VardeError probe_target
 */
export function parseTarget(text: string): Target {
  const percent = text.indexOf('%');
  const ip = parseIp(percent < 0 ? text : text.slice(0, percent));
  if (ip !== null) {
    const refusal = refusalOf(ip);
    if (refusal !== null) throw refused(text, refusal);
    const zone = percent < 0 ? null : text.slice(percent + 1);
    if (zone !== null && (ip.family === 4 || !/^[^\s/:%]{1,15}$/.test(zone)))
      throw refused(text, 'the zone is no interface');
    return { kind: 'address', ip, zone };
  }
  if (!isHostName(text)) throw refused(text, 'it is neither an address nor a host name');
  return { kind: 'name', name: text };
}

function refused(text: string, reason: string): VardeError {
  return new VardeError('probe_target', `"${text.slice(0, 100)}" cannot be probed: ${reason}`);
}

/** Why an address is no target, or null. */
function refusalOf(ip: Ip): string | null {
  if (ip.family === 4) {
    const first = ip.v4 >>> 24;
    if (first === 0) return 'it is the address of no machine';
    if (first >= 224 && first < 240) return 'it is a multicast address';
    if (first >= 240)
      return ip.v4 === 0xffffffff ? 'it is the broadcast address' : 'it is reserved (RFC 1112 section 4)';
    return null;
  }
  const [a, b, c, d] = ip.words as [number, number, number, number];
  if (a >>> 24 === 0xff) return 'it is a multicast address';
  if (a === 0 && b === 0 && c === 0 && d === 0) return 'it is the address of no machine';
  if (a === 0 && b === 0 && c === 0xffff) return 'it is an IPv4 address in IPv6 clothes; write it as IPv4';
  return null;
}

/** RFC 1123 section 2.1, and underscores, which home networks have. A name of digits alone would be a mistyped address. */
function isHostName(text: string): boolean {
  if (text.length > 253) return false;
  const labels = text.replace(/\.$/, '').split('.');
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) return false;
  return labels.every((label) => /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
}

/** How long an address that a name resolved to is used. */
const KEPT_MS = 30_000;

/** Targets as they were parsed; they come from the config, so there are few. */
const MOST_PARSED = 10_000;

/** Turns targets into addresses; what a name resolves to is kept for half a minute. */
export class Resolver {
  private readonly parsed = new Map<string, Target>();
  private readonly kept = new Map<string, { until: number; address: Promise<Address> }>();

  /**
   * At once where the target is an address: most are, and a station may send a hundred probes a second.
   *
   * @param device interface that probes leave by: the zone of a link-local address without one
   * @throws VardeError probe_target, or a system error (`ENODEV`); the promise rejects with others (`ENOTFOUND`, `EAI_AGAIN`)
   */
  address(target: string, device: string | null): Address | Promise<Address> {
    const parsed = this.parse(target);
    if (parsed.kind === 'address') return located(parsed.ip, parsed.zone ?? device);
    const known = this.kept.get(target);
    if (known !== undefined && known.until > performance.now()) return known.address;
    const address = lookup(parsed.name).then((found) => {
      const answer = parseTarget(found.address);
      if (answer.kind !== 'address') throw refused(found.address, 'the resolver gave no address');
      return located(answer.ip, answer.zone ?? device);
    });
    this.kept.set(target, { until: performance.now() + KEPT_MS, address });
    // A failure is not kept: the next probe asks again.
    address.catch(() => this.kept.delete(target));
    return address;
  }

  private parse(target: string): Target {
    let parsed = this.parsed.get(target);
    if (parsed === undefined) {
      parsed = parseTarget(target);
      if (this.parsed.size < MOST_PARSED) this.parsed.set(target, parsed);
    }
    return parsed;
  }
}

function located(ip: Ip, zone: string | null): Address {
  const linkLocal = ip.family === 6 && (ip.words[0] ?? 0) >>> 22 === 0x3fa;
  if (!linkLocal || zone === null) return { ip, scope: 0, text: ip.text };
  return { ip, scope: interfaceIndex(zone), text: `${ip.text}%${zone}` };
}

/** if_nametoindex(3), from sysfs. @throws a system error ENODEV */
function interfaceIndex(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'latin1'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw Object.assign(new Error(`no interface ${name}`), { code: 'ENODEV' });
    throw error;
  }
}
