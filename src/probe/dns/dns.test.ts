import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { shotAt, TOKEN } from '../testing.ts';
import { dns, query } from './dns.ts';

it('asks for the A record of a name', () => {
  expect(query(0x1234, 'ab.invalid').toString('hex')).toBe('12340100000100000000000002616207696e76616c69640000010001');
});

it('takes a response to its own question as answer and nothing else', async () => {
  const socket = createSocket('udp4');
  let heard = '';
  socket.on('message', (bytes, from) => {
    heard = bytes.toString('latin1');
    const say = (id: number, flags: number): void => {
      const answer = Buffer.from(bytes);
      answer.writeUInt16BE(id & 0xffff, 0);
      answer.writeUInt16BE(flags, 2);
      socket.send(answer, from.port, from.address);
    };
    const id = bytes.readUInt16BE(0);
    socket.send(Buffer.from('x'), from.port, from.address);
    say(id + 1, 0x8183);
    say(id, 0x0100);
    if (!heard.includes('silent')) say(id, 0x8183);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const { port } = socket.address();
  expect(await dns.send(shotAt('127.0.0.1', port))).toEqual({ error: null, answeredMs: expect.any(Number) as number });
  expect(heard).toContain(`0${TOKEN}\x08varde-hb\x07invalid\0`);
  const silent = shotAt('127.0.0.1', port, { token: () => 'silent', waitMs: 300 });
  expect(await dns.send(silent)).toEqual({ error: null, answeredMs: null });
});
