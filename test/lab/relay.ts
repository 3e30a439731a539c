import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Turn } from './pcap/conversation.ts';

/** A relay on loopback that writes down what client and server say: real programs talk, and no capture rights are needed. */
export interface Relay {
  port: number;
  /** Conversations in the order in which they began. */
  conversations: Turn[][];
  close(): Promise<void>;
}

/** Joins neighbouring pieces of the same side that came within this time: they were one write. */
const SAME_WRITE_MICROS = 300;

function note(turns: Turn[], from: Turn['from'], bytes: Buffer, pause: number): void {
  const last = turns.at(-1);
  if (last !== undefined && last.from === from && pause < SAME_WRITE_MICROS)
    last.bytes = Buffer.concat([last.bytes, bytes]);
  else turns.push({ from, bytes: Buffer.from(bytes), after: turns.length === 0 ? 0 : Math.round(pause) });
}

export async function startRelay(targetPort: number): Promise<Relay> {
  const conversations: Turn[][] = [];
  const open = new Set<Socket>();
  const relay: Server = createServer((near) => {
    const turns: Turn[] = [];
    conversations.push(turns);
    const far = connect(targetPort, '127.0.0.1');
    let before = performance.now();
    const pass = (from: Turn['from'], to: Socket) => (bytes: Buffer) => {
      const now = performance.now();
      note(turns, from, bytes, (now - before) * 1000);
      before = now;
      to.write(bytes);
    };
    near.on('data', pass('client', far));
    far.on('data', pass('server', near));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      one.on('end', () => other.end());
      one.on('error', () => other.destroy());
      one.on('close', () => open.delete(one));
    }
  });
  await new Promise<void>((done) => relay.listen(0, '127.0.0.1', done));
  return {
    port: (relay.address() as AddressInfo).port,
    conversations,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise<void>((done) => relay.close(() => done()));
    },
  };
}
