import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { http } from '../http/http.ts';
import { Stop } from '../stop.ts';
import { shotAt, TOKEN } from '../testing.ts';
import { tls } from '../tls/tls.ts';

const SERVER = `
  const server = require('node:net').createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => (console.log(String(bytes)), socket.end('HTTP/1.1 204 No Content\\r\\n\\r\\n' + 'x'.repeat(9000))));
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

/** A server that stands still with a full queue of connections: those that come now are under way until it goes on, or for ever. */
async function standstill(): Promise<{ server: ChildProcess; port: number; said(): string }> {
  const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void server.kill('SIGKILL'));
  let text = '';
  server.stdout!.on('data', (data: Buffer) => (text += data.toString()));
  while (!text.includes('\n')) await once(server.stdout!, 'data');
  const port = Number(text.slice(0, text.indexOf('\n')));
  server.kill('SIGSTOP');
  const fillers: Socket[] = [];
  onTestFinished(() => fillers.forEach((socket) => socket.destroy()));
  // One more than the queue is long, until one does not come through at once.
  for (let i = 0; i < 10; i++) {
    const filler = connect({ port, host: '127.0.0.1' });
    filler.on('error', () => undefined);
    fillers.push(filler);
    const isThrough = await Promise.race([
      once(filler, 'connect').then(() => true),
      // The loop looks at sockets between the two, however late it is.
      new Promise<boolean>((done) => setTimeout(() => setImmediate(() => done(false)), 300)),
    ]);
    if (!isThrough) break;
  }
  return { server, port, said: () => text };
}

it('asks when the connection is there, which may take its time', async () => {
  const { server, port, said } = await standstill();
  const shot = shotAt('127.0.0.1', port);
  const outcome = http.send(shot);
  await new Promise((done) => setImmediate(done));
  expect(shot.sources).toEqual([]);
  server.kill('SIGCONT');
  expect(await outcome).toEqual({ error: null, answeredMs: expect.any(Number) as number });
  expect(shot.sources).toEqual([{ ip: '127.0.0.1', port: expect.any(Number) as number }]);
  await vi.waitFor(() => expect(said()).toContain(`Host: ${TOKEN}.varde-hb.invalid`), { timeout: 20_000 });
});

it('tells that the connection was refused in the end', async () => {
  const { server, port } = await standstill();
  const shot = shotAt('127.0.0.1', port);
  const outcome = http.send(shot);
  server.kill('SIGKILL');
  expect(await outcome).toEqual({ error: 'ECONNREFUSED', answeredMs: null });
  expect(shot.sources).toEqual([]);
});

it('ends at once when it is stopped while the connection is under way, and has sent nothing', async () => {
  const { port } = await standstill();
  const stop = new Stop();
  const shot = shotAt('127.0.0.1', port, { stop });
  const outcome = http.send(shot);
  await new Promise((done) => setImmediate(done));
  stop.stop();
  expect(await outcome).toEqual({ error: 'ETIMEDOUT', answeredMs: null });
  expect(shot.sources).toEqual([]);
});

it.each(['127.0.0.1', '::1'])(
  'takes the end of a connection for an answer, and what came before it (%s)',
  async (host) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end());
    });
    await once(server.listen(0, host), 'listening');
    onTestFinished(() => void server.close());
    const shot = shotAt(host, (server.address() as AddressInfo).port);
    expect(await http.send(shot)).toEqual({ error: null, answeredMs: expect.any(Number) as number });
    expect(shot.sources).toEqual([{ ip: host, port: expect.any(Number) as number }]);
  },
);

it('keeps the answers of many at once apart', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => setTimeout(() => socket.end(bytes), 1 + (bytes.length % 7)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const shots = Array.from({ length: 40 }, () => shotAt('127.0.0.1', port));
  const outcomes = await Promise.all(shots.flatMap((shot) => [http.send(shot), tls.send(shotAt('127.0.0.1', port))]));
  for (const { error, answeredMs } of outcomes) {
    expect(error).toBeNull();
    expect(answeredMs).toBeGreaterThanOrEqual(0);
  }
});

it('tells that no connection came about in its time', async () => {
  const { port } = await standstill();
  expect(await http.send(shotAt('127.0.0.1', port, { waitMs: 100 }))).toEqual({ error: 'ETIMEDOUT', answeredMs: null });
});
