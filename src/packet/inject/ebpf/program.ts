import { Assembler, type Register } from './assembler.ts';

/**
 * The program at the entrance (TCX ingress) of each interface by which streams may come. It takes the frame out of a TZSP datagram and sends it by
 * the target, as user space would with AF_PACKET. It handles the plain case only; every other datagram goes on to the UDP socket unchanged.
 *
 * Order. A frame must not overtake one that still waits for user space. Each datagram carries the time of its arrival, which the program reads
 * and the socket tells too (SO_TIMESTAMPNS). For each router the program remembers flow and time of the last datagram that it let pass; user space
 * acknowledges the time of the last one that it has finished with. Only when both are the same datagram, so that nothing of that flow is under way,
 * is a frame redirected. Two of the same time cannot be told apart: then it waits for the next. No count has to agree, so a datagram that is lost between
 * here and the socket does no harm: the next one that arrives is acknowledged. It also proves that this flow reaches our socket.
 *
 * Exactly once: a datagram is redirected or passed, never both.
 */

/** Helper functions (bpf-helpers(7)) and their numbers in linux/bpf.h. */
const Helper = {
  MAP_LOOKUP: 1,
  MAP_UPDATE: 2,
  SKB_STORE_BYTES: 9,
  REDIRECT: 23,
  SKB_LOAD_BYTES: 26,
  SKB_CHANGE_PROTO: 31,
  SKB_ADJUST_ROOM: 50,
} as const;
const ADJ_ROOM_MAC = 1;
const TCX_NEXT = -1;
const TCX_DROP = 2;

/** struct __sk_buff (linux/bpf.h). */
const Skb = { LEN: 0, PKT_TYPE: 4, PROTOCOL: 16, VLAN_PRESENT: 20, IFINDEX: 40, TSTAMP: 152, GSO_SIZE: 176 } as const;

/** Numbers of two bytes in network order, as a little endian machine loads them. */
const swapped = (value: number): number => ((value & 0xff) << 8) | (value >> 8);
const IPV4 = swapped(0x0800);
const IPV6 = swapped(0x86dd);
const FRAGMENT = swapped(0x3fff);
const UDP = 17;
const TCP = 6;
const ICMPV6 = 58;
const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
/** What skb_change_proto puts in or takes away. */
const FAMILY_BYTES = IPV6_BYTES - IPV4_BYTES;
const MAX_TAGS = 10;
/** A router whose datagrams came in IP fragments is left to user space for this long: its large frames need it, and its small ones must not overtake. */
export const FRAGMENT_NANOSECONDS = 300_000_000_000n;

/** Values of the map of flows; the program writes them, user space reads. Offsets. */
export const State = {
  /** When the last datagram came that was passed (nanoseconds since the epoch). */
  STAMP: 0,
  FRAMES: 8,
  BYTES: 16,
  /** When the last frame was redirected. */
  LAST: 24,
  /** The flow of the last datagram that was passed: its destination (16 bytes) and its ports (4). */
  FLOW: 32,
  PORTS: 48,
  /** 1: the last datagram that was passed came at no later time than the one before. */
  TIE: 52,
  /** When the last IP fragment came. */
  FRAGMENT: 56,
  PASSED: 64,
  /** Frames that the kernel had no memory for while they were half unpacked. */
  LOST: 72,
  SIZE: 80,
} as const;
/** Key of the map of flows: interface u32, source address (IPv4 as IPv4-mapped). The map of acknowledgements has the address alone. */
export const KEY_BYTES = 20;
export const ADDRESS_BYTES = 16;
/** Value of the one entry of the settings map: index of the target u32 (0: redirect nothing), bytes of the largest frame u32. */
export const SETTINGS_BYTES = 8;

/** Places on the stack, from r10. */
const KEY = -40;
const SOURCE = KEY + 4;
const DESTINATION = -64;
const PORTS = -48;
const HEADER = -104;
const MACS = -120;
const FRESH = -216;
const TAG = -224;
const FAMILY = -232;
const ACKNOWLEDGED = -240;
const OUTER = -248;
const INDEX = -256;
const TARGET = -264;

export interface Maps {
  flows: number;
  acknowledged: number;
  settings: number;
}

/** r6: the datagram; r7: where we are in it; r8: the router's state; r9: length of the frame. @param ports where we listen */
export function decapsulation(maps: Maps, ports: readonly number[]): Buffer {
  const asm = new Assembler();

  /** Bytes of the datagram from r7 + offset on; where there are fewer, to the label. */
  const read = (offset: number, to: number, bytes: number, otherwise: string): Assembler =>
    asm
      .alu('mov', 'r1', 'r6')
      .alu('mov', 'r2', 'r7')
      .alu('add', 'r2', offset)
      .alu('mov', 'r3', 'r10')
      .alu('add', 'r3', to)
      .alu('mov', 'r4', bytes)
      .call(Helper.SKB_LOAD_BYTES)
      .jump('ne', 'r0', 0, otherwise);
  const lookup = (map: number, key: number): Assembler =>
    asm.loadMap('r1', map).alu('mov', 'r2', 'r10').alu('add', 'r2', key).call(Helper.MAP_LOOKUP);
  const copy = (from: number, to: number, words: number): void => {
    for (let i = 0; i < words; i++) asm.load(4, 'r1', 'r10', from + 4 * i).store(4, 'r10', to + 4 * i, 'r1');
  };
  const increment = (by: Register | number, at: number): Assembler =>
    asm.load(8, 'r1', 'r8', at).alu('add', 'r1', by).store(8, 'r8', at, 'r1');
  /** To the label where the port at r10 + at is one of ours. */
  const ifOurs = (at: number, label: string): void => {
    asm.load(2, 'r1', 'r10', at);
    for (const port of ports) asm.jump('eq', 'r1', swapped(port), label);
  };

  // Is it for us, in Ethernet without a VLAN tag? (A tagged one comes by again at the VLAN's interface.)
  asm.alu('mov', 'r6', 'r1').alu('mov', 'r7', ETHERNET_BYTES);
  asm.load(4, 'r1', 'r6', Skb.PKT_TYPE).jump('ne', 'r1', 0, 'pass');
  asm.load(4, 'r1', 'r6', Skb.VLAN_PRESENT).jump('ne', 'r1', 0, 'pass');
  asm.load(4, 'r1', 'r6', Skb.IFINDEX).store(4, 'r10', KEY, 'r1');
  asm.store(4, 'r10', PORTS, 0);
  asm.load(4, 'r1', 'r6', Skb.PROTOCOL).store(8, 'r10', OUTER, 'r1');
  asm.jump('eq', 'r1', IPV4, 'ipv4').jump('eq', 'r1', IPV6, 'ipv6').go('pass');

  // RFC 791.
  asm.label('ipv4');
  read(0, HEADER, IPV4_BYTES, 'pass');
  asm.load(1, 'r1', 'r10', HEADER + 9).jump('ne', 'r1', UDP, 'pass');
  for (const at of [SOURCE, DESTINATION])
    asm
      .store(4, 'r10', at, 0)
      .store(4, 'r10', at + 4, 0)
      .store(4, 'r10', at + 8, 0xffff0000);
  copy(HEADER + 12, SOURCE + 12, 1);
  copy(HEADER + 16, DESTINATION + 12, 1);
  asm
    .load(2, 'r1', 'r10', HEADER + 6)
    .alu('and', 'r1', FRAGMENT)
    .jump('ne', 'r1', 0, 'fragment');
  asm.load(1, 'r1', 'r10', HEADER).jump('ne', 'r1', 0x45, 'hand over');
  asm
    .load(2, 'r1', 'r10', HEADER + 2)
    .bigEndian16('r1')
    .alu('add', 'r1', ETHERNET_BYTES);
  asm.load(4, 'r2', 'r6', Skb.LEN).jump('ne', 'r1', 'r2', 'hand over');
  asm.alu('add', 'r7', IPV4_BYTES).go('udp');

  // RFC 8200. Extension headers are for user space.
  asm.label('ipv6');
  read(0, HEADER, IPV6_BYTES, 'pass');
  copy(HEADER + 8, SOURCE, 4);
  copy(HEADER + 24, DESTINATION, 4);
  asm.load(1, 'r1', 'r10', HEADER + 6);
  asm.jump('eq', 'r1', UDP, 'plain ipv6').jump('eq', 'r1', 44, 'fragment');
  for (const options of [0, 43, 51, 60, 135]) asm.jump('eq', 'r1', options, 'hand over');
  asm.go('pass');
  asm.label('plain ipv6');
  asm
    .load(2, 'r1', 'r10', HEADER + 4)
    .bigEndian16('r1')
    .alu('add', 'r1', ETHERNET_BYTES + IPV6_BYTES);
  asm.load(4, 'r2', 'r6', Skb.LEN).jump('ne', 'r1', 'r2', 'hand over');
  asm.alu('add', 'r7', IPV6_BYTES);

  // UDP (RFC 768) and the fixed part of TZSP.
  asm.label('udp');
  read(0, HEADER, 12, 'pass');
  ifOurs(HEADER + 2, 'ours');
  asm.go('pass');
  asm.label('ours');
  copy(HEADER, PORTS, 1);
  asm
    .load(2, 'r1', 'r10', HEADER + 4)
    .bigEndian16('r1')
    .alu('add', 'r1', 'r7');
  asm.load(4, 'r2', 'r6', Skb.LEN).jump('ne', 'r1', 'r2', 'hand over');
  // A machine beside us leaves the sum to hardware that never sees it: then the field holds that of the addresses alone, and the kernel would
  // put a sum into the frame.
  asm.load(2, 'r1', 'r10', HEADER + 4).alu('add', 'r1', swapped(UDP));
  const words = (at: number, to: number): void => {
    for (let i = at; i < to; i += 2) asm.load(2, 'r2', 'r10', i).alu('add', 'r1', 'r2');
  };
  // The two words 0xffff of mapped addresses are nothing in this arithmetic.
  words(SOURCE, SOURCE + ADDRESS_BYTES);
  words(DESTINATION, DESTINATION + ADDRESS_BYTES);
  for (let i = 0; i < 2; i++)
    asm.alu('mov', 'r2', 'r1').alu('rsh', 'r2', 16).alu('and', 'r1', 0xffff).alu('add', 'r1', 'r2');
  asm.load(2, 'r2', 'r10', HEADER + 6).jump('eq', 'r1', 'r2', 'hand over');
  // Version 1; received and for-transmit carry frames, and what carries none is no matter of order.
  asm.load(1, 'r1', 'r10', HEADER + 8).jump('ne', 'r1', 1, 'pass');
  asm.load(1, 'r1', 'r10', HEADER + 9).jump('gt', 'r1', 1, 'pass');
  asm.load(2, 'r1', 'r10', HEADER + 10).jump('ne', 'r1', swapped(1), 'hand over');
  asm.alu('add', 'r7', 12);

  // Tags. That of the original length is counted by user space.
  for (let i = 0; i < MAX_TAGS; i++) {
    read(0, TAG, 2, 'hand over');
    asm.load(1, 'r1', 'r10', TAG).alu('add', 'r7', 1);
    asm
      .jump('eq', 'r1', 1, 'frame')
      .jump('eq', 'r1', 0, `tag ${i + 1}`)
      .jump('eq', 'r1', 41, 'hand over');
    asm
      .load(1, 'r1', 'r10', TAG + 1)
      .alu('add', 'r7', 1)
      .alu('add', 'r7', 'r1');
    asm.label(`tag ${i + 1}`);
  }
  asm.go('hand over');

  // The frame: IPv4 and IPv6, since the kernel's notion of its protocol can be set to no other; no fragments, which may be our own stream's.
  asm.label('frame');
  asm.load(4, 'r9', 'r6', Skb.LEN).alu('sub', 'r9', 'r7');
  asm.jump('slt', 'r9', ETHERNET_BYTES + IPV4_BYTES, 'hand over');
  read(0, MACS, ETHERNET_BYTES, 'hand over');
  asm.load(2, 'r1', 'r10', MACS + 12).store(8, 'r10', FAMILY, 'r1');
  asm.jump('eq', 'r1', IPV4, 'inner ipv4').jump('ne', 'r1', IPV6, 'hand over');
  read(ETHERNET_BYTES, HEADER, IPV6_BYTES, 'hand over');
  asm.load(1, 'r1', 'r10', HEADER).alu('rsh', 'r1', 4).jump('ne', 'r1', 6, 'hand over');
  asm
    .load(1, 'r1', 'r10', HEADER + 6)
    .jump('eq', 'r1', TCP, 'decide')
    .jump('eq', 'r1', ICMPV6, 'decide');
  asm.jump('ne', 'r1', UDP, 'hand over');
  read(ETHERNET_BYTES + IPV6_BYTES, TAG, 4, 'hand over');
  ifOurs(TAG + 2, 'hand over');
  asm.go('decide');
  asm.label('inner ipv4');
  read(ETHERNET_BYTES, HEADER, IPV4_BYTES, 'hand over');
  asm.load(1, 'r1', 'r10', HEADER).jump('ne', 'r1', 0x45, 'hand over');
  asm.load(1, 'r1', 'r10', HEADER + 9).jump('ne', 'r1', UDP, 'decide');
  asm
    .load(2, 'r1', 'r10', HEADER + 6)
    .alu('and', 'r1', FRAGMENT)
    .jump('ne', 'r1', 0, 'hand over');
  read(ETHERNET_BYTES + IPV4_BYTES, TAG, 4, 'hand over');
  ifOurs(TAG + 2, 'hand over');

  // Is the router believed, and does nothing of this flow wait for user space?
  asm.label('decide');
  lookup(maps.acknowledged, SOURCE).jump('eq', 'r0', 0, 'pass');
  asm.load(8, 'r1', 'r0', 0).store(8, 'r10', ACKNOWLEDGED, 'r1');
  lookup(maps.flows, KEY).jump('eq', 'r0', 0, 'hand over').alu('mov', 'r8', 'r0');
  asm.load(4, 'r1', 'r8', State.TIE).jump('ne', 'r1', 0, 'hand over');
  asm.load(8, 'r1', 'r8', State.STAMP).load(8, 'r2', 'r10', ACKNOWLEDGED).jump('ne', 'r1', 'r2', 'hand over');
  for (let i = 0; i < ADDRESS_BYTES + 4; i += 4)
    asm
      .load(4, 'r1', 'r8', State.FLOW + i)
      .load(4, 'r2', 'r10', DESTINATION + i)
      .jump('ne', 'r1', 'r2', 'hand over');
  asm.load(8, 'r1', 'r6', Skb.TSTAMP).load(8, 'r2', 'r8', State.FRAGMENT).alu('sub', 'r1', 'r2');
  asm.loadBig('r2', FRAGMENT_NANOSECONDS).jump('lt', 'r1', 'r2', 'hand over');
  // Several datagrams in one.
  asm.load(4, 'r1', 'r6', Skb.GSO_SIZE).jump('ne', 'r1', 0, 'hand over');
  asm.store(4, 'r10', INDEX, 0);
  lookup(maps.settings, INDEX).jump('eq', 'r0', 0, 'hand over');
  asm.load(4, 'r1', 'r0', 0).jump('eq', 'r1', 0, 'hand over').store(8, 'r10', TARGET, 'r1');
  asm.load(4, 'r1', 'r0', 4).jump('gt', 'r9', 'r1', 'hand over');

  // All before the frame's payload goes but the first Ethernet header, which becomes the frame's. r7: bytes that go.
  asm.load(8, 'r1', 'r10', OUTER).load(8, 'r2', 'r10', FAMILY).jump('eq', 'r1', 'r2', 'same family');
  asm.alu('mov', 'r1', 'r6').alu('mov', 'r3', 0).call(Helper.SKB_CHANGE_PROTO).jump('ne', 'r0', 0, 'hand over');
  asm
    .load(8, 'r1', 'r10', FAMILY)
    .jump('eq', 'r1', IPV6, 'grown')
    .alu('sub', 'r7', 2 * FAMILY_BYTES);
  asm.label('grown').alu('add', 'r7', FAMILY_BYTES);
  const shrink = (): Assembler =>
    asm
      .alu('mov', 'r1', 'r6')
      .alu('mov', 'r2', 'r7')
      .alu('neg', 'r2')
      .alu('mov', 'r3', ADJ_ROOM_MAC)
      .alu('mov', 'r4', 0)
      .call(Helper.SKB_ADJUST_ROOM);
  shrink().jump('ne', 'r0', 0, 'lost').go('shrunk');
  asm.label('same family');
  shrink().jump('ne', 'r0', 0, 'hand over');
  asm.label('shrunk').alu('mov', 'r1', 'r6').alu('mov', 'r2', 0).alu('mov', 'r3', 'r10').alu('add', 'r3', MACS);
  asm.alu('mov', 'r4', ETHERNET_BYTES).alu('mov', 'r5', 0).call(Helper.SKB_STORE_BYTES).jump('ne', 'r0', 0, 'lost');
  increment(1, State.FRAMES);
  increment('r9', State.BYTES);
  asm.load(8, 'r1', 'r6', Skb.TSTAMP).store(8, 'r8', State.LAST, 'r1');
  asm.load(8, 'r1', 'r10', TARGET).alu('mov', 'r2', 0).call(Helper.REDIRECT).exit();

  asm.label('lost');
  increment(1, State.LOST);
  asm.alu('mov', 'r0', TCX_DROP).exit();

  // It goes to user space: from now on the router's frames do too, until that one is acknowledged.
  const orMake = (then: string): void => {
    lookup(maps.acknowledged, SOURCE).jump('eq', 'r0', 0, 'pass');
    lookup(maps.flows, KEY).jump('ne', 'r0', 0, then);
    for (let i = 0; i < State.SIZE; i += 8) asm.store(8, 'r10', FRESH + i, 0);
    asm.loadMap('r1', maps.flows).alu('mov', 'r2', 'r10').alu('add', 'r2', KEY);
    asm.alu('mov', 'r3', 'r10').alu('add', 'r3', FRESH).alu('mov', 'r4', 0).call(Helper.MAP_UPDATE);
    lookup(maps.flows, KEY).jump('eq', 'r0', 0, 'pass').label(then).alu('mov', 'r8', 'r0');
  };
  asm.label('hand over');
  orMake('known');
  asm.load(8, 'r1', 'r6', Skb.TSTAMP).load(8, 'r2', 'r8', State.STAMP).store(8, 'r8', State.STAMP, 'r1');
  asm.alu('mov', 'r3', 0).jump('gt', 'r1', 'r2', 'later').alu('mov', 'r3', 1);
  // Segments of one large datagram share its time: user space may have finished the first of them only.
  asm.label('later').load(4, 'r4', 'r6', Skb.GSO_SIZE).jump('eq', 'r4', 0, 'single').alu('mov', 'r3', 1);
  asm.label('single').store(4, 'r8', State.TIE, 'r3');
  for (let i = 0; i < ADDRESS_BYTES + 4; i += 4)
    asm.load(4, 'r1', 'r10', DESTINATION + i).store(4, 'r8', State.FLOW + i, 'r1');
  increment(1, State.PASSED);
  asm.go('pass');

  asm.label('fragment');
  orMake('known fragment');
  asm.load(8, 'r1', 'r6', Skb.TSTAMP).store(8, 'r8', State.FRAGMENT, 'r1');

  asm.label('pass').alu('mov', 'r0', TCX_NEXT).exit();
  return asm.assemble();
}
