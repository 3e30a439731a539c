import { type Arp, decodeArp } from './arp.ts';
import { decodeEthernet, ETHER_TYPE, type Ethernet } from './ethernet.ts';
import { decodeIcmp, type Icmp } from './icmp.ts';
import { decodeIcmpv6, type Icmpv6 } from './icmpv6.ts';
import { decodeIpv4, type Ipv4 } from './ipv4.ts';
import { decodeIpv6, type Ipv6 } from './ipv6.ts';
import { reject, type Reject } from './layer.ts';
import { LINK_TYPE } from './link-types.ts';
import { decodeLlc, type Llc } from './llc.ts';
import { decodeTcp, type Tcp } from './tcp.ts';
import { decodeUdp, type Udp } from './udp.ts';
import { decodeVlan, isVlan, type Vlan } from './vlan.ts';

export type PacketLayer = Ethernet | Vlan | Llc | Arp | Ipv4 | Ipv6 | Tcp | Udp | Icmp | Icmpv6;
type Decoder = (bytes: Uint8Array, start: number, end: number) => PacketLayer | Reject;

/** IP in IP in IP … : more than an honest network has. */
const MAX_LAYERS = 16;

const BY_LINK_TYPE: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [LINK_TYPE.ETHERNET, decodeEthernet],
  [LINK_TYPE.RAW, decodeIp],
  [LINK_TYPE.IPV4, decodeIpv4],
  [LINK_TYPE.IPV6, decodeIpv6],
]);

const BY_ETHER_TYPE: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [ETHER_TYPE.IPV4, decodeIpv4],
  [ETHER_TYPE.ARP, decodeArp],
  [ETHER_TYPE.IPV6, decodeIpv6],
]);

/** https://www.iana.org/assignments/protocol-numbers */
const BY_PROTOCOL: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [1, decodeIcmp],
  [4, decodeIpv4],
  [6, decodeTcp],
  [17, decodeUdp],
  [41, decodeIpv6],
  [58, decodeIcmpv6],
]);

/**
 * Walks a frame from the outside in. Gives the layers that could be read, and as the last one a reject where one could not; bytes of protocols
 * that have no decoder here are the payload of the last layer. Never throws.
 */
export function walkPacket(
  bytes: Uint8Array,
  linkType: number,
  start = 0,
  end = bytes.length,
): (PacketLayer | Reject)[] {
  const layers: (PacketLayer | Reject)[] = [];
  let decoder = BY_LINK_TYPE.get(linkType);
  let [from, to] = [start, end];
  while (decoder !== undefined) {
    if (layers.length === MAX_LAYERS) return [...layers, reject('packet', 'too_deep', from)];
    const layer = decoder(bytes, from, to);
    layers.push(layer);
    if (layer.layer === 'reject') break;
    [from, to] = [layer.payload, layer.end];
    decoder = decoderAfter(layer);
  }
  return layers;
}

function decoderAfter(layer: PacketLayer): Decoder | undefined {
  switch (layer.layer) {
    case 'ethernet':
    case 'vlan':
      if (layer.etherType === null) return decodeLlc;
      return isVlan(layer.etherType) ? decodeVlan : BY_ETHER_TYPE.get(layer.etherType);
    case 'llc':
      return layer.etherType === null ? undefined : BY_ETHER_TYPE.get(layer.etherType);
    case 'ipv4':
      // A later fragment begins somewhere inside of what follows.
      return layer.fragmentOffset > 0 ? undefined : BY_PROTOCOL.get(layer.protocol);
    case 'ipv6':
      return layer.fragment !== null && layer.fragment.offset > 0 ? undefined : BY_PROTOCOL.get(layer.protocol);
    default:
      return undefined;
  }
}

/** Link types without a header of their own: the version tells. */
function decodeIp(bytes: Uint8Array, start: number, end: number): PacketLayer | Reject {
  return start < end && bytes[start]! >>> 4 === 6 ? decodeIpv6(bytes, start, end) : decodeIpv4(bytes, start, end);
}
