import { createServer, type Server } from 'node:http';
import { createServer as createPlain, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { shotAt, TOKEN } from '../testing.ts';
import { http } from './http.ts';

async function listen(server: Server | ReturnType<typeof createPlain>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

it.each([null, 'lo'])('asks for a host that carries the token (interface %s)', async (device) => {
  const hosts: (string | undefined)[] = [];
  const port = await listen(
    createServer((request, response) => {
      hosts.push(request.headers.host);
      response.writeHead(404).end('no');
    }),
  );
  const shot = shotAt('127.0.0.1', port, { device });
  expect(await http.send(shot)).toEqual({ error: null, answeredMs: expect.any(Number) as number });
  expect(hosts).toEqual([`${TOKEN}.varde-hb.invalid`]);
  expect(shot.sources).toEqual([{ ip: '127.0.0.1', port: expect.any(Number) as number }]);
});

it('tells that nothing listens: then no request was sent', async () => {
  const server = createPlain();
  const port = await listen(server);
  await new Promise((done) => server.close(done));
  const shot = shotAt('127.0.0.1', port);
  expect(await http.send(shot)).toEqual({ error: 'ECONNREFUSED', answeredMs: null });
  expect(shot.sources).toEqual([]);
});

it('was sent without an answer where the server is silent, and takes a reset behind the request as answer', async () => {
  const silent = await listen(createPlain((socket) => onTestFinished(() => void socket.destroy())));
  expect(await http.send(shotAt('127.0.0.1', silent, { waitMs: 500 }))).toEqual({ error: null, answeredMs: null });
  const rude = await listen(createPlain((socket) => socket.once('data', () => socket.resetAndDestroy())));
  expect(await http.send(shotAt('127.0.0.1', rude))).toEqual({ error: null, answeredMs: expect.any(Number) as number });
});

it('tells that an interface is not there', async () => {
  expect(await http.send(shotAt('127.0.0.1', 9, { device: 'nowhere0' }))).toEqual({
    error: 'ENODEV',
    answeredMs: null,
  });
});
