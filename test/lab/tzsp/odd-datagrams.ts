import { encodeTzsp, originalLengthTag } from '../../../src/packet/tzsp/encode.ts';
import type { DropReason } from '../../../src/packet/tzsp/report.ts';
import { Tag } from '../../../src/packet/tzsp/tags.ts';
import { numbered, udp4 } from './frames.ts';
import { PORT, RECEIVER, ROUTER } from './stage.ts';

/** One datagram that a receiver must be able to take. */
export interface OddDatagram {
  name: string;
  bytes: Buffer;
  /** The router's counters that go up by as much; no others do. */
  counts: Record<string, number>;
  /** Why a frame of it cannot be put into the interface. */
  dropped?: DropReason;
  /** The frame that the sensor sees; null: none. */
  seen: Buffer | null;
}

let next = 1000;
const frame = (size = 64): Buffer => numbered(next++, size);

const good = (
  name: string,
  of: (frame: Buffer) => Buffer,
  counts: Record<string, number> = {},
  given = frame(),
): OddDatagram => ({
  name,
  bytes: of(given),
  counts: { frames: 1, ...counts },
  seen: given,
});
const bad = (name: string, bytes: Buffer, counts: Record<string, number>, dropped?: DropReason): OddDatagram => ({
  name,
  bytes,
  counts,
  ...(dropped === undefined ? {} : { dropped }),
  seen: null,
});

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** Header, tags as given, END, frame. */
const tagged =
  (tags: string) =>
  (it: Buffer): Buffer =>
    Buffer.concat([hex(`01000001 ${tags} 01`), it]);
const plain = (it: Uint8Array): Buffer => encodeTzsp({ frame: it });

/** With a tag that an untagged frame of the same packet would be four bytes shorter without. */
function withTags(tpids: readonly number[], size: number): Buffer {
  const made = frame(size);
  tpids.forEach((tpid, i) => made.writeUInt32BE(((tpid << 16) | 42) >>> 0, 12 + 4 * i));
  made.writeUInt16BE(0x88b5, 12 + 4 * tpids.length);
  made.writeUInt32BE(next++, 14 + 4 * tpids.length);
  return made;
}

/** As the target's MTU is 9000: the largest frame. */
const LARGEST = 9014;

/** Each case of what a receiver must handle, one by one. */
export const ODD_DATAGRAMS: readonly OddDatagram[] = [
  bad('no byte at all', Buffer.alloc(0), { 'rejected.short_header': 1 }),
  bad('one byte', hex('01'), { 'rejected.short_header': 1 }),
  bad('three bytes', hex('010000'), { 'rejected.short_header': 1 }),
  bad('a header without END', hex('01000001'), { 'rejected.no_end_tag': 1 }),
  bad('an empty frame', hex('0100000101'), { 'rejected.empty_frame': 1 }),
  bad('a frame of one byte', plain(Buffer.of(1)), { frames: 1 }, 'too_short'),
  bad('a frame of 13 bytes', plain(Buffer.alloc(13, 2)), { frames: 1 }, 'too_short'),
  good('a frame of 14 bytes', plain, {}, hex('02000000000a02000000000b88b6')),
  bad('version 2', hex('0200000101 0102030405060708090a0b0c0d0e0f'), { 'rejected.version': 1 }),
  good('type 1, for transmit', (it) => encodeTzsp({ type: 1, frame: it })),
  bad('type 2, reserved', encodeTzsp({ type: 2, frame: frame() }), { 'rejected.reserved': 1 }),
  bad('type 3, configuration', encodeTzsp({ type: 3, frame: frame() }), { 'rejected.configuration': 1 }),
  bad('type 4, keep-alive', encodeTzsp({ type: 4, encapsulation: 0 }), { keepalives: 1 }),
  bad('type 5, port opener', encodeTzsp({ type: 5, encapsulation: 0 }), { keepalives: 1 }),
  bad('type 6, unknown', encodeTzsp({ type: 6, frame: frame() }), { 'rejected.type': 1 }),
  bad('802.11 is no Ethernet', encodeTzsp({ encapsulation: 18, frame: frame() }), { frames: 1 }, 'not_ethernet'),
  bad('an unknown encapsulation', encodeTzsp({ encapsulation: 999, frame: frame() }), { frames: 1 }, 'not_ethernet'),
  bad('a tag without its length', hex('01000001 0a'), { 'rejected.tag_cut': 1 }),
  bad('a length past the end', hex('01000001 0aff 01 0203'), { 'rejected.tag_cut': 1 }),
  good('a tag of 255 bytes', tagged(`50ff${'61'.repeat(255)}`)),
  good('4,000 bytes of padding', tagged('00'.repeat(4000))),
  bad('5,000 bytes of padding', tagged('00'.repeat(5000))(frame()), { 'rejected.too_many_tags': 1 }),
  good('an original length of the wrong size', tagged('2903000999')),
  good('an original length of 0', tagged('29020000')),
  good('an original length below what came', tagged('29020010')),
  good('an original length above what came', (it) => encodeTzsp({ tags: [originalLengthTag(1500)], frame: it }), {
    sliced: 1,
  }),
  good('the same tag twice', tagged('290205dc 290205dc'), { sliced: 1 }),
  good('tags that nobody knows', tagged('c803aabbcc e910' + '00'.repeat(16))),
  good(
    'the tags of a wireless sensor',
    tagged('0a01b0 0b0120 0c016c 0d0400000001 110100 120106 28040000002a 3c06020000000001'),
  ),
  good('a time of the sender', tagged(`${Tag.TIME_STAMP.toString(16)}08 65a0000000000001`)),
  good('ARP', plain, {}, hex('ffffffffffff02000000000b0806000108000604000102000000000bc0a82801000000000000c0a8280b')),
  good(
    '802.3 with LLC',
    plain,
    {},
    hex(
      '0180c200000002000000000b002642420300000000008000020000000001000000008000020000000001800100001400020000000000000000000000000000',
    ),
  ),
  good(
    'IPv6',
    plain,
    {},
    hex(
      '333300000001 02000000000b 86dd 6000000000083a40 fe80000000000000000000fffe00000b ff020000000000000000000000000001 8000000012340001',
    ),
  ),
  good('the largest frame', plain, {}, frame(LARGEST)),
  bad('one byte more than the largest', plain(frame(LARGEST + 1)), { frames: 1 }, 'too_large'),
  good('802.1Q at the edge of the MTU', plain, {}, withTags([0x8100], LARGEST + 4)),
  bad('QinQ beyond the edge', plain(withTags([0x88a8, 0x8100], LARGEST + 4)), { frames: 1 }, 'too_large'),
  good('QinQ below the edge', plain, {}, withTags([0x88a8, 0x8100], LARGEST)),
  bad('a frame of 60,000 bytes', plain(frame(60_000)), { frames: 1 }, 'too_large'),
  bad('our own stream', plain(ownStream([])), { frames: 1, loops: 1 }),
  bad('our own stream in a VLAN', plain(ownStream([0x8100])), { frames: 1, loops: 1 }),
  bad('our own stream in our own stream', plain(ownStream([], ownStream([]))), { frames: 1, loops: 1 }),
  good(
    "somebody else's TZSP",
    plain,
    {},
    udp4({ from: ROUTER, to: '192.168.40.99', toPort: PORT, payload: plain(frame()) }),
  ),
  good(
    'another port of ours',
    plain,
    {},
    udp4({ from: ROUTER, to: RECEIVER, toPort: PORT + 1, payload: plain(frame()) }),
  ),
];

function ownStream(tags: readonly number[], inner = frame()): Buffer {
  return udp4({ from: ROUTER, to: RECEIVER, toPort: PORT, payload: plain(inner), tags });
}
