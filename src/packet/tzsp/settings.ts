/** What a receiver of TZSP streams is asked to do: from the config's `tzsp:` or from the flags of `varde tzsp`. */
export interface TzspSettings {
  /** `ADDRESS:PORT` each, as in `0.0.0.0:37008` or `[::]:37008`; one socket per entry. */
  listen: string[];
  /** Routers that are believed, as addresses or networks in CIDR form; datagrams from others are counted and dropped. */
  routers: string[];
  /** Wanted size of each socket's receive buffer. */
  receiveBufferBytes: number;
  /** A frame seen again within this time is dropped as the same packet from a second bridge port; 0 keeps all. */
  dropDuplicatesMs: number;
  /** The eBPF path in the kernel: `auto` where kernel, path MTU and outputs allow it. */
  kernelPath: 'auto' | 'off';
  outputs: TzspOutput[];
}

export type TzspOutput = InjectOutput | FileOutput | StreamOutput;

interface OutputBase {
  /** Only streams of these routers (addresses or networks); absent: all. */
  routers?: string[];
}

/** Frames go into a network interface through AF_PACKET. */
export interface InjectOutput extends OutputBase {
  type: 'inject';
  interface: string;
}

/** A file that is rotated. Times in its name: `%Y %m %d %H %M %S`, UTC; without them the start time is added before the ending. */
export interface FileOutput extends OutputBase {
  type: 'pcap' | 'pcapng';
  file: string;
  /** 0: not by time. */
  rotateSecs: number;
  /** 0: not by size. */
  rotateBytes: number;
  /** Older files of this output are deleted; 0: all are kept. */
  keepFiles: number;
  /** After rotation. */
  compress: 'none' | 'gzip';
  /** Writing stops, counted, while the file system has less room than this. */
  minFreeBytes: number;
}

/** Standard output (`-`) or a FIFO whose reader may come and go. */
export interface StreamOutput extends OutputBase {
  type: 'stream';
  path: string;
  format: 'pcap' | 'pcapng';
}
