import { isV6 } from './address.ts';
import { cat, type Part, u16 } from './bytes.ts';
import { type Endpoint, FLAG, type IpOptions, type Packet, tcpFrame, udpFrame } from './frame.ts';
import type { Random } from './random.ts';

/** One side's uninterrupted speech. `after` is the pause before it in microseconds, on top of the network's own delay. */
export interface Turn {
  from: 'client' | 'server';
  bytes: Buffer;
  after?: number;
}

export function client(...parts: readonly Part[]): Turn {
  return { from: 'client', bytes: cat(...parts) };
}

export function server(...parts: readonly Part[]): Turn {
  return { from: 'server', bytes: cat(...parts) };
}

/** The turn again, `micros` later. */
export function later(turn: Turn, micros: number): Turn {
  return { ...turn, after: (turn.after ?? 0) + micros };
}

/** A line protocol written down: `C: …` and `S: …` lines, each sent with CRLF. */
export function dialogue(lines: readonly string[]): Turn[] {
  return lines.map((line) => {
    const text = `${line.slice(3)}\r\n`;
    return line.startsWith('C') ? client(text) : server(text);
  });
}

export interface Placement {
  client: Endpoint;
  server: Endpoint;
  /** Microseconds since the epoch of the first packet. */
  start: number;
  random: Random;
  /** Round trip time in microseconds between the sensor and the server. */
  rtt?: number;
  /** How the connection ends; `none` leaves it open, as a flow that times out. */
  end?: 'fin' | 'reset' | 'server_reset' | 'none';
  mss?: number;
  vlans?: readonly number[];
  ip?: IpOptions;
}

/** SYN options as today's systems send them: MSS, SACK permitted, window scale. */
function synOptions(mss: number): Buffer {
  return cat(2, 4, u16(mss), 1, 1, 4, 2, 1, 3, 3, 7);
}

/** Plays turns as a TCP connection: handshake, segments of at most one MSS, acknowledgements, the end. */
export function tcpConversation(turns: readonly Turn[], place: Placement): Packet[] {
  const { random, start } = place;
  const mss = place.mss ?? (isV6(place.client.ip) ? 1440 : 1460);
  const rtt = place.rtt ?? 20_000;
  const out: Packet[] = [];
  let now = start;
  const next = { client: random.integer(1, 0xfffffff0), server: random.integer(1, 0xfffffff0) };
  const send = (from: 'client' | 'server', flags: number, payload?: Buffer, options?: Buffer): void => {
    const to = from === 'client' ? 'server' : 'client';
    const fields = { seq: next[from], ack: flags & FLAG.ack ? next[to] : 0, flags, ...(options ? { options } : {}) };
    out.push({
      time: Math.round(now),
      frame: tcpFrame(
        place[from],
        place[to],
        fields,
        payload,
        { id: random.integer(1, 65535), ...place.ip },
        place.vlans,
      ),
    });
    const used = (payload?.length ?? 0) + (flags & (FLAG.syn | FLAG.fin) ? 1 : 0);
    next[from] = (next[from] + used) >>> 0;
  };
  send('client', FLAG.syn, undefined, synOptions(mss));
  now += rtt;
  send('server', FLAG.syn | FLAG.ack, undefined, synOptions(mss));
  now += 60;
  send('client', FLAG.ack);
  let speaker: 'client' | 'server' = 'client';
  for (const turn of turns) {
    const other = turn.from === 'client' ? 'server' : 'client';
    now += (turn.after ?? 0) + (turn.from === speaker ? 40 : rtt);
    speaker = turn.from;
    for (let at = 0, count = 0; at < turn.bytes.length; at += mss, count += 1) {
      const last = at + mss >= turn.bytes.length;
      send(turn.from, FLAG.ack | (last ? FLAG.psh : 0), turn.bytes.subarray(at, at + mss));
      now += random.integer(8, 90);
      if (last || count % 2 === 1) send(other, FLAG.ack);
      now += 5;
    }
  }
  now += random.integer(200, 5000);
  const end = place.end ?? 'fin';
  if (end === 'fin') {
    send('client', FLAG.fin | FLAG.ack);
    now += rtt;
    send('server', FLAG.fin | FLAG.ack);
    now += 50;
    send('client', FLAG.ack);
  } else if (end === 'reset') send('client', FLAG.rst | FLAG.ack);
  else if (end === 'server_reset') send('server', FLAG.rst | FLAG.ack);
  return out;
}

/** Plays turns as datagrams, one per turn. */
export function udpConversation(turns: readonly Turn[], place: Placement): Packet[] {
  let now = place.start;
  return turns.map((turn, index) => {
    const from = turn.from;
    const to = from === 'client' ? 'server' : 'client';
    if (index > 0) now += (turn.after ?? 0) + (turns[index - 1]!.from === from ? 150 : (place.rtt ?? 20_000));
    const options = { id: place.random.integer(1, 65535), ...place.ip };
    return { time: Math.round(now), frame: udpFrame(place[from], place[to], turn.bytes, options, place.vlans) };
  });
}
