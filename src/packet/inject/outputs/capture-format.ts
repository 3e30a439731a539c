import { VERSION } from '../../../base/version.ts';
import { globalHeader, RECORD_HEADER_BYTES, recordHeader } from '../../pcap/write.ts';
import {
  interfaceDescription,
  MAX_PACKET_TRAILER_BYTES,
  PACKET_HEADER_BYTES,
  packetHeader,
  packetTrailer,
  sectionHeader,
} from '../../pcapng/write.ts';
import type { TzspView } from '../../tzsp/decode.ts';
import type { Router } from '../router.ts';
import type { FrameTime } from './output.ts';

/** How frames are laid down in a file or a pipe. One object per file: it knows what the file has been told so far. */
export interface CaptureFormat {
  /** Writes what stands before the first frame. @returns bytes written, a few dozen */
  head(into: Buffer, at: number): number;
  /** Bytes that this frame may take, with what must stand before it and behind the head. */
  room(length: number): number;
  /** Writes a frame. @returns bytes written; 0 where the file cannot hold this link type */
  write(into: Buffer, at: number, bytes: Buffer, view: TzspView, time: FrameTime, router: Router): number;
}

/** Room that is enough for the description of an interface. */
const INTERFACE_BYTES = 512;

/** @param linkType of a pcap file, which holds no other; pcapng takes all */
export function captureFormat(format: 'pcap' | 'pcapng', linkType: number): CaptureFormat {
  return format === 'pcap' ? new PcapFormat(linkType) : new PcapngFormat();
}

/** A pcap file holds one link type. */
class PcapFormat implements CaptureFormat {
  private readonly linkType: number;

  constructor(linkType: number) {
    this.linkType = linkType;
  }

  head(into: Buffer, at: number): number {
    return globalHeader(this.linkType, true).copy(into, at);
  }

  room(length: number): number {
    return RECORD_HEADER_BYTES + length;
  }

  write(into: Buffer, at: number, bytes: Buffer, view: TzspView, time: FrameTime): number {
    if (view.linkType !== this.linkType) return 0;
    let end = at;
    const length = view.frameEnd - view.frameStart;
    recordHeader(into, end, time.seconds, time.nanoseconds, length, view.originalLength);
    end += RECORD_HEADER_BYTES;
    end += bytes.copy(into, end, view.frameStart, view.frameEnd);
    return end - at;
  }
}

/** A pcapng file has an interface for each router and link type. */
class PcapngFormat implements CaptureFormat {
  private readonly interfaces = new Map<Router, Map<number, number>>();
  private count = 0;

  head(into: Buffer, at: number): number {
    return sectionHeader(`varde ${VERSION}`).copy(into, at);
  }

  room(length: number): number {
    return INTERFACE_BYTES + PACKET_HEADER_BYTES + length + MAX_PACKET_TRAILER_BYTES;
  }

  write(into: Buffer, at: number, bytes: Buffer, view: TzspView, time: FrameTime, router: Router): number {
    if (view.linkType < 0) return 0;
    let end = at;
    let own = this.interfaces.get(router);
    if (own === undefined) this.interfaces.set(router, (own = new Map<number, number>()));
    let id = own.get(view.linkType);
    if (id === undefined) {
      id = this.count++;
      own.set(view.linkType, id);
      end += interfaceDescription(view.linkType, `tzsp ${router.address}`).copy(into, end);
    }
    const length = view.frameEnd - view.frameStart;
    packetHeader(into, end, id, time.seconds, time.nanoseconds, length, view.originalLength);
    end += PACKET_HEADER_BYTES;
    end += bytes.copy(into, end, view.frameStart, view.frameEnd);
    return end + packetTrailer(into, end, length) - at;
  }
}
