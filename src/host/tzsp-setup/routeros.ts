/** What the commands for the router are made of. */
export interface RouterPlan {
  /** The sensor's address. */
  address: string;
  port: number;
}

/**
 * Commands for a MikroTik router (RouterOS 7; Packet Sniffer and Mangle in its manual), both ways to stream, with their traps as comments. The
 * text can be pasted into a terminal way by way: RouterOS takes `#` as a comment.
 */
export function routerOsText({ address, port }: RouterPlan): string {
  const ip = address.includes(':') ? 'ipv6' : 'ip';
  const server = ip === 'ipv6' ? `[${address}]:${port}` : `${address}:${port}`;
  return `# === On the router, EITHER: the packet sniffer. It sees everything on the chosen interfaces, bridged traffic too. ===
# While it runs, FastTrack is off and the router's CPU carries all packets: watch its load.
# Frames that a switch chip forwards by itself never reach the CPU: for ports to be seen, switch hardware offload off:
#   /interface bridge port set [find interface=ether2] hw=no
# filter-stream=yes keeps the stream itself out of the stream (the feedback loop). only-headers=yes would cut frames short.
# filter-interface: one inside interface sees each packet once; all of them see it twice (set tzsp.drop_duplicates_ms then).
/tool sniffer set streaming-enabled=yes streaming-server=${server} filter-stream=yes only-headers=no filter-interface=bridge
/tool sniffer start
# Older versions take the address alone: streaming-server=${address} (the port is 37008 then).
# After a reboot of the router the sniffer stands still. This starts it again:
/system scheduler add name=varde-tzsp start-time=startup interval=0 on-event="/tool sniffer start" comment="Varde"

# === OR: firewall rules. They persist over reboots, and choose traffic like any rule; bridged traffic does not pass them. ===
# chain=forward sees inside addresses in both directions (after destination NAT, before source NAT).
# FastTracked connections bypass these rules: remove the rule with action=fasttrack-connection in /ip firewall filter, or exempt what
# should be seen. The first rule keeps other routers' streams to the sensor out of the stream (the feedback loop).
/${ip} firewall mangle add chain=forward protocol=udp dst-address=${address} dst-port=${port} action=accept comment="Varde: not the stream"
${['ip', 'ipv6'].map((version) => mangle(version as 'ip' | 'ipv6', address, port)).join('\n')}
# Rules are read from the top: an earlier rule with passthrough=no hides packets from these (print, then move).

# === Either way ===
# A full frame becomes a datagram of more than 1500 bytes, which travels in two fragments. Where sensor and router share a link
# that takes it, a larger MTU (1600 or more, on both ends and on switches between) avoids that.
`;
}

/** The rule for packets of one IP version; the stream itself goes to the sensor's address whatever its version is. */
function mangle(version: 'ip' | 'ipv6', address: string, port: number): string {
  return `/${version} firewall mangle add chain=forward action=sniff-tzsp sniff-target=${address} sniff-target-port=${port} comment="Varde"`;
}
