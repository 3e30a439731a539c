import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeTzsp } from '../tzsp/encode.ts';
import type { TzspReport } from '../tzsp/report.ts';
import type { TzspSettings } from '../tzsp/settings.ts';
import { Receiver } from './receiver.ts';
import { loadSystem, type System } from './system.ts';

const real = process.platform === 'linux' ? await loadSystem().catch(() => null) : null;

/** What was allocated and not given back, and which sockets are open. */
class Ledger {
  blocks = 0;
  readonly sockets = new Set<number>();
  readonly system: System;

  constructor() {
    this.system = {
      ...real!,
      allocate: (bytes) => {
        this.blocks++;
        return real!.allocate(bytes);
      },
      free: () => {
        this.blocks = 0;
        real!.free();
      },
      socket: (...of) => {
        const fd = real!.socket(...of);
        this.sockets.add(fd);
        return fd;
      },
      close: (fd) => {
        this.sockets.delete(fd);
        real!.close(fd);
      },
    };
  }
}

/** A port that this test has taken. */
async function takenPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return socket.address().port;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

const settings = (port: number, more: Partial<TzspSettings> = {}): TzspSettings => ({
  listen: [`127.0.0.1:${port}`],
  routers: ['127.0.0.1'],
  receiveBufferBytes: 65_536,
  dropDuplicatesMs: 0,
  kernelPath: 'off',
  outputs: [],
  ...more,
});
const reports: TzspReport[] = [];
const events = {
  report: (it: TzspReport) => void reports.push(it),
  begun: () => undefined,
  rotated: () => undefined,
};

async function send(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const it of datagrams) await new Promise<void>((resolve) => socket.send(it, port, '127.0.0.1', () => resolve()));
  socket.close();
}

describe.skipIf(real === null)('a receiver', () => {
  it('that cannot have its port has taken nothing, and keeps nothing open', async () => {
    const ledger = new Ledger();
    const port = await takenPort();
    let most = 0;
    const { allocate } = ledger.system;
    ledger.system.allocate = (bytes) => {
      most += bytes;
      return allocate(bytes);
    };
    const listen = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${port}`];
    expect(() => new Receiver(ledger.system, settings(port, { listen }), events)).toThrow('another program listens');
    expect(most).toBe(0);
    expect(ledger.sockets.size).toBe(0);
  });

  it('gives back all that it took when it fails later, and when it is stopped', async () => {
    const ledger = new Ledger();
    const port = await freePort();
    const outputs = [{ type: 'stream' as const, path: '/dev/null', format: 'pcap' as const }];
    const broken: System = {
      ...ledger.system,
      inotify: () => {
        throw new Error('no inotify');
      },
    };
    expect(() => new Receiver(broken, settings(port, { outputs }), events)).toThrow('no inotify');
    expect([ledger.blocks, ledger.sockets.size]).toEqual([0, 0]);

    const receiver = new Receiver(ledger.system, settings(port), events);
    expect(ledger.blocks).toBeGreaterThan(0);
    receiver.run(() => true);
    expect([ledger.blocks, ledger.sockets.size]).toEqual([0, 0]);
  });

  it('takes what waits when it is stopped, and counts what the socket had no room for though nothing came after', async () => {
    const port = await freePort();
    const receiver = new Receiver(real!, settings(port), events);
    const frame = Buffer.alloc(1000, 7);
    await send(
      port,
      Array.from({ length: 500 }, () => encodeTzsp({ frame })),
    );
    receiver.run(() => true);
    const { routers, sockets } = reports.at(-1)!;
    expect(routers[0]!.frames).toBeGreaterThan(10);
    expect(sockets[0]!.kernelDrops).toBeGreaterThan(10);
    expect(routers[0]!.frames + sockets[0]!.kernelDrops).toBe(500);
  });
});
