import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { shotAt, TOKEN } from '../testing.ts';
import { clientHello } from './client-hello.ts';
import { tls } from './tls.ts';

it('is one record whose lengths are right', () => {
  const hello = clientHello('a.varde-hb.invalid');
  expect(hello.toString('hex', 0, 3)).toBe('160301');
  expect(hello.readUInt16BE(3)).toBe(hello.length - 5);
  expect(hello[5]).toBe(1);
  expect(hello.readUIntBE(6, 3)).toBe(hello.length - 9);
});

it('is understood by a real TLS server, which reads the name with the token in it', async () => {
  const names: string[] = [];
  // Without a certificate the handshake fails, but only after the name was read.
  const server = createServer({
    SNICallback(name, done) {
      names.push(name);
      done(null);
    },
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const shot = shotAt('127.0.0.1', (server.address() as AddressInfo).port);
  expect(await tls.send(shot)).toEqual({ error: null, answeredMs: expect.any(Number) as number });
  expect(names).toEqual([`${TOKEN}.varde-hb.invalid`]);
});
