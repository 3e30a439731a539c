import { readFileSync } from 'node:fs';

/**
 * The interface that probes of a path leave by, or null for as routed. A VLAN has an interface of its own, whose name may be anything; the
 * kernel lists them in /proc/net/vlan/config (8021q). Where that list is missing, the usual name `<interface>.<vlan>` is taken.
 */
export function deviceOf(
  path: { interface?: string; vlan?: number },
  readVlans: () => string = () => readFileSync('/proc/net/vlan/config', 'latin1'),
): string | null {
  if (path.interface === undefined) return null;
  if (path.vlan === undefined) return path.interface;
  let vlans = '';
  try {
    vlans = readVlans();
  } catch {
    // No VLAN is known to this kernel; the name below will be refused with ENODEV if it is not there.
  }
  for (const line of vlans.split('\n')) {
    const [name, id, parent] = line.split('|').map((part) => part.trim());
    if (name !== undefined && Number(id) === path.vlan && parent === path.interface) return name;
  }
  return `${path.interface}.${path.vlan}`;
}
