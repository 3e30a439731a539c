import { expect, it } from 'vitest';
import { shotAt } from '../testing.ts';
import { checksum, echoRequest, icmp, isReply } from './icmp.ts';

const data = Buffer.from('varde-hb abc');

it('makes echo requests of both versions', () => {
  const four = echoRequest(4, 0x11234, 0x10007, data);
  expect(four.toString('hex', 0, 2)).toBe('0800');
  expect(four.toString('hex', 4, 8)).toBe('12340007');
  expect(checksum(four)).toBe(0);
  expect(echoRequest(6, 1, 2, data).toString('hex', 0, 8)).toBe('8000000000010002');
});

it('computes the checksum of RFC 1071, of an odd number of bytes too', () => {
  expect(checksum(Buffer.from('0001f203f4f5f6f7', 'hex'))).toBe(0x220d);
  expect(checksum(Buffer.from('01', 'hex'))).toBe(0xfeff);
});

it('knows the reply to its own data, with and without the IP header', () => {
  const reply = echoRequest(4, 1, 1, data);
  reply[0] = 0;
  const header = Buffer.alloc(24);
  header[0] = 0x46;
  expect(isReply(4, true, Buffer.concat([header, reply]), data)).toBe(true);
  expect(isReply(4, false, reply, data)).toBe(true);
  expect(isReply(4, false, reply, Buffer.from('varde-hb abd'))).toBe(false);
  expect(isReply(4, false, echoRequest(4, 1, 1, data), data)).toBe(false);
  expect(isReply(4, true, Buffer.alloc(0), data)).toBe(false);
  const six = echoRequest(6, 1, 1, data);
  six[0] = 129;
  expect(isReply(6, true, six, data)).toBe(true);
});

it.each(['127.0.0.1', '::1'])('reaches %s and hears the reply, or says that it is not permitted', async (address) => {
  const shot = shotAt(address, null);
  const outcome = await icmp.send(shot);
  if (process.getuid?.() === 0) {
    expect(outcome).toEqual({ error: null, answeredMs: expect.any(Number) as number });
    expect(shot.sources).toEqual([{ ip: address, port: null }]);
  } else expect([null, 'EPERM', 'EACCES']).toContain(outcome.error);
});
