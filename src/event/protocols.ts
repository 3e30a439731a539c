/**
 * Numbers of the Internet protocols (IANA "Assigned Internet Protocol Numbers") by the lower-case names that Suricata and `/etc/protocols`
 * print. Names that differ only in spelling stand beside each other.
 */
const NUMBERS: readonly (readonly [number, ...string[]])[] = [
  [0, 'hopopt', 'ipv6-hopopt', 'ip'],
  [1, 'icmp'],
  [2, 'igmp'],
  [3, 'ggp'],
  [4, 'ipencap', 'ip-in-ip', 'ipip', 'ipv4'],
  [5, 'st'],
  [6, 'tcp'],
  [7, 'cbt'],
  [8, 'egp'],
  [9, 'igp'],
  [17, 'udp'],
  [20, 'hmp'],
  [22, 'xns-idp'],
  [27, 'rdp'],
  [28, 'irtp'],
  [29, 'iso-tp4'],
  [33, 'dccp'],
  [36, 'xtp'],
  [37, 'ddp'],
  [38, 'idpr-cmtp'],
  [41, 'ipv6'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [45, 'idrp'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [57, 'skip'],
  [58, 'ipv6-icmp', 'icmpv6', 'icmp6'],
  [59, 'ipv6-nonxt'],
  [60, 'ipv6-opts'],
  [73, 'rspf'],
  [81, 'vmtp'],
  [88, 'eigrp'],
  [89, 'ospfigp', 'ospf'],
  [93, 'ax.25'],
  [94, 'ipip-encap'],
  [97, 'etherip'],
  [98, 'encap'],
  [103, 'pim'],
  [108, 'ipcomp'],
  [112, 'vrrp', 'carp'],
  [115, 'l2tp'],
  [116, 'ddx'],
  [124, 'isis'],
  [132, 'sctp'],
  [133, 'fc'],
  [135, 'mobility-header'],
  [136, 'udplite'],
  [137, 'mpls-in-ip'],
  [138, 'manet'],
  [139, 'hip'],
  [140, 'shim6'],
  [141, 'wesp'],
  [142, 'rohc'],
];

const BY_NAME: ReadonlyMap<string, number> = new Map(
  NUMBERS.flatMap(([number, ...names]) => names.map((name) => [name, number])),
);

/** The number of a protocol given by lower-case name or as decimal number (`047`), or -1. */
export function protocolNumber(name: string): number {
  const known = BY_NAME.get(name);
  if (known !== undefined) return known;
  return /^[0-9]{1,3}$/.test(name) && Number(name) < 256 ? Number(name) : -1;
}
