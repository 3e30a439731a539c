import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Stop } from '../stop.ts';
import { shotAt, TOKEN } from '../testing.ts';
import { udp } from './udp.ts';

async function listen(answer: (bytes: Buffer) => Buffer | null): Promise<{ port: number; heard: Buffer[] }> {
  const heard: Buffer[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    heard.push(bytes);
    const said = answer(bytes);
    if (said !== null) socket.send(said, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { port: (socket.address() as AddressInfo).port, heard };
}

it('sends the marker and the token, and takes any datagram from there as answer', async () => {
  const { port, heard } = await listen((bytes) => bytes);
  const shot = shotAt('127.0.0.1', port);
  const outcome = await udp.send(shot);
  expect(outcome.error).toBeNull();
  expect(outcome.answeredMs).toBeGreaterThanOrEqual(0);
  expect(heard.map(String)).toEqual([`varde-hb ${TOKEN}`]);
  expect(shot.sources).toEqual([{ ip: '127.0.0.1', port: expect.any(Number) as number }]);
});

it('takes the news that nobody listens as answer, for the target itself sent it', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  expect(await udp.send(shotAt('127.0.0.1', port))).toEqual({ error: null, answeredMs: expect.any(Number) as number });
});

it('ends without an answer after its time, and at once when it is stopped', async () => {
  const { port, heard } = await listen(() => null);
  expect(await udp.send(shotAt('127.0.0.1', port, { waitMs: 30 }))).toEqual({ error: null, answeredMs: null });
  const stop = new Stop();
  const shot = shotAt('127.0.0.1', port, { waitMs: 100_000, stop, sent: () => stop.stop() });
  expect(await udp.send(shot)).toEqual({ error: null, answeredMs: null });
  expect(heard.length).toBeGreaterThanOrEqual(1);
});

it('tells that an interface is not there, and sends nothing', async () => {
  const shot = shotAt('127.0.0.1', 9, { device: 'nowhere0' });
  expect(await udp.send(shot)).toEqual({ error: 'ENODEV', answeredMs: null });
  expect(shot.sources).toEqual([]);
});

it('leaves by the interface that is named', async () => {
  const { port } = await listen((bytes) => bytes);
  const outcome = await udp.send(shotAt('127.0.0.1', port, { device: 'lo' }));
  expect(outcome).toEqual({ error: null, answeredMs: expect.any(Number) as number });
});
