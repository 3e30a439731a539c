import { parseLocalInstant } from '../../event/local-time.ts';
import { parseIp } from '../../event/ip.ts';

/** An alert of fast.log as far as the heartbeat needs it. */
export interface FastSighting {
  sid: number;
  /** Milliseconds since the epoch; the log has local time without a zone, read in the zone of this process. */
  time: number;
  /** The rule's text; hostile only where the rules are. */
  message: string;
  protocol: string;
  source_ip: string;
  source_port: number;
  destination_ip: string;
  destination_port: number;
}

/** Lines of fast.log are short; a longer one is none. */
const LONGEST = 4096;
const HEAD =
  /^([0-9/]{8,10}-[0-9:.]{8,18}) {1,2}(?:\[[A-Za-z]{1,8}\] )?\[\*\*\] \[[0-9]{1,10}:([0-9]{1,10}):[0-9]{1,10}\] /;
const TAIL = /\} ([0-9A-Fa-f.:]{2,45}):([0-9]{1,5}) -> ([0-9A-Fa-f.:]{2,45}):([0-9]{1,5})$/;

/**
 * Reads a line of Suricata's fast.log, such as
 * `11/24/2026-02:26:05.818575  [**] [1:5100000:1] Heartbeat ping [**] [Classification: Misc activity] [Priority: 3] {ICMP} 192.0.2.1:8 -> 192.0.2.2:0`
 * (for ICMP, type and code stand where ports do). Null where it is none. Pure; imports nothing that is slow to load, for checks use it.
 */
export function readFastSighting(line: string): FastSighting | null {
  if (line.length > LONGEST) return null;
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  const head = HEAD.exec(text);
  const end = text.lastIndexOf(' [**] [');
  if (head === null || end < head[0].length - 1) return null;
  const brace = text.lastIndexOf(' {');
  // The protocol is at most 40 characters, so the end of a line is a bounded text whatever stands before it.
  const tail = brace < end ? null : TAIL.exec(text.slice(brace));
  if (tail === null) return null;
  const [source, destination] = [parseIp(tail[1]!), parseIp(tail[3]!)];
  const time = parseLocalInstant(head[1]!) / 1000;
  if (source === null || destination === null || Number.isNaN(time)) return null;
  return {
    sid: Number(head[2]),
    time,
    message: text.slice(head[0].length, Math.max(end, head[0].length)),
    protocol: text.slice(brace + 2, text.indexOf('}', brace)),
    source_ip: source.text,
    source_port: Number(tail[2]),
    destination_ip: destination.text,
    destination_port: Number(tail[4]),
  };
}
