import { VardeError } from '../base/errors.ts';

/** One packet of a capture file. */
export interface CapturedPacket {
  /** Of its record or block in the file. */
  offset: number;
  /** pcap's number (link-types.ts). */
  linkType: number;
  /** Since 1970; -1 where the file has none (pcapng's simple packet). */
  seconds: number;
  nanoseconds: number;
  /** On the wire; at least `data.length` in an honest file. */
  originalLength: number;
  data: Buffer;
}

/** A packet of more than 16 MiB is no packet but a damaged length; libpcap has the same limit for files of unknown snap length. */
export const MAX_CAPTURED_BYTES = 16 * 1024 * 1024;

/** What a reader throws: with the offset in the file, in the text and in `details`. */
export function captureError(what: string, offset: number): VardeError {
  return new VardeError('capture_damaged', `${what} (byte ${offset})`, { details: { offset } });
}
