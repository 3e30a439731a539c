import { REJECT_REASONS, type RejectReason } from './report.ts';
import { MAX_TAGS, Tag } from './tags.ts';
import { linkTypeOf, TZSP_HEADER_BYTES, TZSP_VERSION, TzspType } from './types.ts';

/** What {@link readTzsp} found. Below zero: a reject, see {@link rejectReason}. */
export const Outcome = { FRAME: 0, KEEPALIVE: 1, PORT_OPENER: 2 } as const;

/** What stands in one datagram. One object serves all datagrams: nothing is allocated per packet. */
export class TzspView {
  type = 0;
  encapsulation = 0;
  /** LINKTYPE for pcap; -1 where pcap has none. */
  linkType = -1;
  /** Offsets in the bytes that were read. */
  frameStart = 0;
  frameEnd = 0;
  /** Length on the wire: at least what came, more where the sender sliced. */
  originalLength = 0;
  /** The sender's time stamp (tag 82); -1 without one. */
  seconds = -1;
  nanoseconds = -1;
  /** Tag 40; -1 without one. */
  packetId = -1;
}

const code = (reason: RejectReason): number => -1 - REJECT_REASONS.indexOf(reason);
const SHORT_HEADER = code('short_header');
const VERSION = code('version');
const TYPE = code('type');
const TAG_CUT = code('tag_cut');
const NO_END_TAG = code('no_end_tag');
const TOO_MANY_TAGS = code('too_many_tags');
const EMPTY_FRAME = code('empty_frame');
const CONFIGURATION = code('configuration');
const RESERVED = code('reserved');

/** The reason behind a result below zero. */
export function rejectReason(result: number): RejectReason {
  return REJECT_REASONS[-1 - result] ?? 'type';
}

/**
 * Reads one datagram in place. Never throws; reads nothing outside of `start` to `end`. Tags of a wrong length are skipped like unknown ones:
 * the frame behind them is as good as ever.
 * @returns 0 with a frame in the view, 1 for a keep-alive, 2 for a port opener, or a reject below zero
 */
export function readTzsp(view: TzspView, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < TZSP_HEADER_BYTES) return SHORT_HEADER;
  if (bytes[start] !== TZSP_VERSION) return VERSION;
  const type = bytes[start + 1]!;
  view.type = type;
  view.encapsulation = (bytes[start + 2]! << 8) | bytes[start + 3]!;
  if (type > TzspType.FOR_TRANSMIT) {
    if (type === TzspType.KEEPALIVE) return Outcome.KEEPALIVE;
    if (type === TzspType.PORT_OPENER) return Outcome.PORT_OPENER;
    if (type === TzspType.CONFIGURATION) return CONFIGURATION;
    return type === TzspType.RESERVED ? RESERVED : TYPE;
  }
  view.linkType = linkTypeOf(view.encapsulation);
  view.seconds = -1;
  view.nanoseconds = -1;
  view.packetId = -1;
  let original = 0;
  let at = start + TZSP_HEADER_BYTES;
  for (let tags = 0; at < end; tags++) {
    if (tags === MAX_TAGS) return TOO_MANY_TAGS;
    const tag = bytes[at++]!;
    if (tag === Tag.PADDING) continue;
    if (tag === Tag.END) {
      if (at === end) return EMPTY_FRAME;
      view.frameStart = at;
      view.frameEnd = end;
      view.originalLength = Math.max(original, end - at);
      return Outcome.FRAME;
    }
    if (at === end) return TAG_CUT;
    const length = bytes[at++]!;
    if (length > end - at) return TAG_CUT;
    if (tag === Tag.ORIGINAL_LENGTH) {
      if (length === 2) original = (bytes[at]! << 8) | bytes[at + 1]!;
    } else if (tag === Tag.PACKET_ID) {
      if (length === 4) view.packetId = u32(bytes, at);
    } else if (tag === Tag.TIME_STAMP && length === 8) {
      const nanoseconds = u32(bytes, at + 4);
      if (nanoseconds < 1_000_000_000) {
        view.seconds = u32(bytes, at);
        view.nanoseconds = nanoseconds;
      }
    }
    at += length;
  }
  return NO_END_TAG;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
