import type { SetupFile, TzspPlan } from './plan.ts';

/** Where the interface is declared. */
export function netdevPath(name: string): string {
  return `/etc/systemd/network/50-varde-${name}.netdev`;
}

/** systemd.netdev(5) and systemd.network(5) for each interface: fitting MTU, no address, no chatter of its own, nothing that waits for it. */
export function networkFiles({ interfaces, mtu }: TzspPlan): SetupFile[] {
  return interfaces.flatMap((name) => [
    {
      path: netdevPath(name),
      purpose: `makes ${name}`,
      text: `# Varde: the interface that Suricata listens on. Frames of TZSP streams are written into it.
[NetDev]
Name=${name}
Kind=dummy
MTUBytes=${mtu}
`,
    },
    {
      path: `/etc/systemd/network/50-varde-${name}.network`,
      purpose: `${name}: MTU ${mtu}, no addresses`,
      text: `# Varde: ${name} carries frames of other machines. It has no address, so that nothing answers them.
[Match]
Name=${name}

[Link]
# Above 1514, or full frames with VLAN tags are refused (EMSGSIZE); far below 65535, or Suricata refuses the interface.
MTUBytes=${mtu}
ARP=no
Multicast=no
RequiredForOnline=no

[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
LLDP=no
EmitLLDP=no
ConfigureWithoutCarrier=yes
`,
    },
  ]);
}
