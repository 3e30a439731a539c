import { REJECT_REASONS, type RejectReason } from './report.ts';
import { type RawTag, TAG } from './tags.ts';
import { linkTypeOf, TZSP_HEADER_BYTES, TZSP_TYPE, TZSP_VERSION } from './types.ts';

/** Results of {@link readTzsp}. Below zero: see {@link rejectReason}. */
export const FRAME = 0;
export const KEEPALIVE = 1;
export const PORT_OPENER = 2;

/** Padding counts too. Real senders write one to ten; without a bound a datagram of padding would cost 64 KiB of walking. */
export const MAX_TAGS = 256;

/** What {@link readTzsp} found; the caller makes one and hands it in again and again, so that a datagram costs no allocation. */
export class TzspView {
  type = 0;
  encapsulation = 0;
  /** pcap's number, or -1 for an encapsulation that we do not know. */
  linkType = -1;
  /** The frame is `bytes[frameStart, frameEnd)` and has at least one byte. */
  frameStart = 0;
  frameEnd = 0;
  /** Of the frame on the wire: tag 41 where that says more than came along. */
  originalLength = 0;
  /** Tag 82: seconds since 1970 and nanoseconds as the sender knows them; both -1 without a usable tag. */
  seconds = -1;
  nanoseconds = -1;
  /** Tag 40, or -1. */
  packetId = -1;
}

const reject = (reason: RejectReason): number => -(REJECT_REASONS.indexOf(reason) + 1);
const SHORT_HEADER = reject('short_header');
const WRONG_VERSION = reject('version');
const WRONG_TYPE = reject('type');
const TAG_CUT = reject('tag_cut');
const NO_END_TAG = reject('no_end_tag');
const TOO_MANY_TAGS = reject('too_many_tags');
const EMPTY_FRAME = reject('empty_frame');
const CONFIGURATION = reject('configuration');
const RESERVED = reject('reserved');

/** The reason behind a negative result, or null. */
export function rejectReason(result: number): RejectReason | null {
  return result < 0 ? (REJECT_REASONS[-result - 1] ?? null) : null;
}

/**
 * Reads the datagram `bytes[start, end)`, and never looks beyond it.
 *
 * - Types 0 and 1 carry a frame: {@link FRAME}, and `view` says where. Of a tag that comes twice the last one counts; a known tag of a wrong
 *   length is skipped like an unknown one.
 * - Types 4 and 5 have neither tags nor frame, whatever follows their header: {@link KEEPALIVE}, {@link PORT_OPENER}.
 * - Everything else is negative, and only `type` and `encapsulation` of `view` are to be trusted then.
 */
export function readTzsp(view: TzspView, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < TZSP_HEADER_BYTES) return SHORT_HEADER;
  if (bytes[start] !== TZSP_VERSION) return WRONG_VERSION;
  const type = bytes[start + 1]!;
  const encapsulation = (bytes[start + 2]! << 8) | bytes[start + 3]!;
  view.type = type;
  view.encapsulation = encapsulation;
  if (type > TZSP_TYPE.FOR_TRANSMIT) return withoutFrame(type);
  view.linkType = linkTypeOf(encapsulation);
  view.seconds = -1;
  view.nanoseconds = -1;
  view.packetId = -1;
  let original = 0;
  let at = start + TZSP_HEADER_BYTES;
  for (let tags = 0; tags < MAX_TAGS; tags++) {
    if (at >= end) return NO_END_TAG;
    const tag = bytes[at++]!;
    if (tag === TAG.END) {
      if (at === end) return EMPTY_FRAME;
      view.frameStart = at;
      view.frameEnd = end;
      view.originalLength = original > end - at ? original : end - at;
      return FRAME;
    }
    if (tag === TAG.PADDING) continue;
    if (at >= end) return TAG_CUT;
    const length = bytes[at++]!;
    if (length > end - at) return TAG_CUT;
    if (tag === TAG.ORIGINAL_LENGTH) {
      if (length === 2) original = (bytes[at]! << 8) | bytes[at + 1]!;
    } else if (tag === TAG.PACKET_ID) {
      if (length === 4) view.packetId = readU32(bytes, at);
    } else if (tag === TAG.TIME_STAMP) {
      readTime(view, bytes, at, length);
    }
    at += length;
  }
  return TOO_MANY_TAGS;
}

function withoutFrame(type: number): number {
  switch (type) {
    case TZSP_TYPE.KEEPALIVE:
      return KEEPALIVE;
    case TZSP_TYPE.PORT_OPENER:
      return PORT_OPENER;
    case TZSP_TYPE.CONFIGURATION:
      return CONFIGURATION;
    case TZSP_TYPE.RESERVED:
      return RESERVED;
    default:
      return WRONG_TYPE;
  }
}

/** Seconds beyond 32 bits do not fit a pcap record, and a billion nanoseconds or more are no time: such a tag is skipped. */
function readTime(view: TzspView, bytes: Uint8Array, at: number, length: number): void {
  if (length === 12) {
    if (readU32(bytes, at) !== 0) return;
    at += 4;
  } else if (length !== 8) {
    return;
  }
  const nanoseconds = readU32(bytes, at + 4);
  if (nanoseconds >= 1_000_000_000) return;
  view.seconds = readU32(bytes, at);
  view.nanoseconds = nanoseconds;
}

function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** All tags before END of a datagram that {@link readTzsp} called a frame, in their order, padding left out. Stops at the first that is cut. */
export function listTags(bytes: Uint8Array, start: number, end: number): RawTag[] {
  const found: RawTag[] = [];
  let at = start + TZSP_HEADER_BYTES;
  for (let tags = 0; tags < MAX_TAGS && at < end; tags++) {
    const number = bytes[at++]!;
    if (number === TAG.END) break;
    if (number === TAG.PADDING) continue;
    const length = at < end ? bytes[at]! : Infinity;
    if (length > end - at - 1) break;
    found.push({ number, value: bytes.subarray(at + 1, at + 1 + length) });
    at += 1 + length;
  }
  return found;
}
