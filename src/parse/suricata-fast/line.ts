import { parseLocalInstant } from '../../event/local-time.ts';
import type { Reject } from '../parser.ts';

/** One alert of fast.log, taken apart. */
export interface FastAlert {
  /** Microseconds since the epoch. */
  micros: number;
  /** `[Drop]`: the packet was dropped; `[wDrop]`: it would have been, were Suricata inline. */
  mark: 'drop' | 'would_drop' | null;
  gid: number;
  sid: number;
  rev: number;
  signature: string;
  /** Null for a rule without classtype, printed as `(null)`. */
  classification: string | null;
  priority: number;
  /** As printed: `TCP`, `IPv6-ICMP`; of `PROTO:047` the number. Null on packets that could not be decoded. */
  proto: string | null;
  source: Endpoint | null;
  destination: Endpoint | null;
  /** Head of an undecodable packet, as printed (hexadecimal bytes with blanks). */
  rawPacket: string | null;
  /** Number of the packet in a capture file. */
  pcapPacket: number | null;
}

/** Address as printed and the number behind its last colon: a port, or ICMP type (source) and code (destination). */
export interface Endpoint {
  address: string;
  number: number;
}

const SEPARATOR = ' [**] ';
const CLASSIFICATION = ' [**] [Classification: ';
const PRIORITY = '] [Priority: ';

function refuse(detail: string): Reject {
  return { code: 'not_this_format', detail };
}

/**
 * Reads a line such as
 * `11/24/2026-02:26:05.818575  [Drop] [**] [1:2000001:3] Text [**] [Classification: Misc activity] [Priority: 3] {TCP} 192.0.2.1:1024 -> 192.0.2.2:80`.
 *
 * A rule's text may hold anything, also ` [**] `: so the head is read from the left and the rest from the right, with plain searches.
 */
export function readFastLine(line: string): FastAlert | Reject {
  const blank = line.indexOf('  ');
  if (blank < 0) return refuse('There are no two blanks behind the time.');
  const micros = parseLocalInstant(line.slice(0, blank));
  if (Number.isNaN(micros)) {
    const shown = JSON.stringify(line.slice(0, Math.min(blank, 40)));
    return /^[0-9]{2}\/[0-9]{2}/.test(line)
      ? { code: 'bad_timestamp', detail: `${shown} is no time of fast.log with a year.` }
      : refuse(`It does not begin with a time but with ${shown}.`);
  }
  const head = /^(?:\[(w?Drop)\] )?\[\*\*\] \[([0-9]{1,10}):([0-9]{1,10}):([0-9]{1,10})\] /.exec(
    line.slice(blank + 2, blank + 64),
  );
  if (head === null) return refuse('Behind the time, "[**] [generator:signature:revision]" is missing.');
  const textStart = blank + 2 + head[0].length;
  const rest = line.lastIndexOf(CLASSIFICATION);
  // An empty signature text leaves only one blank between both.
  if (rest < textStart - 1) return refuse('"[**] [Classification: …]" is missing.');
  const priorityAt = line.indexOf(PRIORITY, rest);
  const priority =
    priorityAt < 0
      ? null
      : /^([0-9]{1,10})\] /.exec(line.slice(priorityAt + PRIORITY.length, priorityAt + PRIORITY.length + 12));
  if (priority === null) return refuse('"[Priority: …]" is missing.');
  const classification = line.slice(rest + CLASSIFICATION.length, priorityAt);

  const tail = readTail(line.slice(priorityAt + PRIORITY.length + priority[0].length - 1));
  if (tail === null) return refuse('It does not end in "{protocol} address:port -> address:port".');
  return {
    micros,
    mark: head[1] === undefined ? null : head[1] === 'Drop' ? 'drop' : 'would_drop',
    gid: Number(head[2]),
    sid: Number(head[3]),
    rev: Number(head[4]),
    signature: line.slice(textStart, Math.max(rest, textStart)),
    classification: classification === '(null)' || classification === '' ? null : classification,
    priority: Number(priority[1]),
    ...tail,
  };
}

type Tail = Pick<FastAlert, 'proto' | 'source' | 'destination' | 'rawPacket' | 'pcapPacket'>;

/** What stands behind the priority; it begins with a blank. */
function readTail(tail: string): Tail | null {
  if (tail.startsWith(SEPARATOR)) {
    const raw = /^ \[\*\*\] \[Raw pkt: ([0-9A-F ]{0,4096})\]( \[pcap file packet: ([0-9]{1,15})\])?$/.exec(tail);
    if (raw === null) return null;
    return {
      proto: null,
      source: null,
      destination: null,
      rawPacket: raw[1]!.trim(),
      pcapPacket: raw[3] === undefined ? null : Number(raw[3]),
    };
  }
  const flow =
    /^ \{([A-Za-z0-9:._-]{1,40})\} ([0-9A-Fa-f.:]{2,45}):([0-9]{1,5}) -> ([0-9A-Fa-f.:]{2,45}):([0-9]{1,5})$/.exec(
      tail,
    );
  if (flow === null) return null;
  return {
    proto: flow[1]!.replace(/^PROTO:/, ''),
    source: { address: flow[2]!, number: Number(flow[3]) },
    destination: { address: flow[4]!, number: Number(flow[5]) },
    rawPacket: null,
    pcapPacket: null,
  };
}
