import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificate } from '../certificate.ts';
import { hex } from '../pcap/bytes.ts';
import { seeded } from '../pcap/random.ts';
import { integer, oid } from './der.ts';
import { dnsName, dnsReply } from './dns.ts';
import { exchange } from './http.ts';
import { initialKeys, initialPacket } from './quic.ts';
import { clientHello, PROFILES } from './tls.ts';

test("QUIC's Initial keys are those of RFC 9001, appendix A", () => {
  const id = hex('8394c8f03e515708');
  expect(initialKeys(id, 'client').key.toString('hex')).toBe('1f369613dd76d5467730efcbe3b1a22d');
  expect(initialKeys(id, 'client').iv.toString('hex')).toBe('fa044b2f42a3fd3b46fb255c');
  expect(initialKeys(id, 'client').hp.toString('hex')).toBe('9f50449e04a0e810283a1e9933adedd2');
  expect(initialKeys(id, 'server').key.toString('hex')).toBe('cf3a5331653c364c88f0f379b6067e37');
  expect(initialPacket('client', id, id, id, 0, hex('060040040102030401'), 1200)).toHaveLength(1200);
});

test('a hello names its server, and its lengths are right', () => {
  const hello = clientHello('news.example.com', PROFILES.browser, seeded('hello'));
  expect(hello.includes('news.example.com')).toBe(true);
  expect(hello.readUIntBE(1, 3)).toBe(hello.length - 4);
  expect(clientHello(null, PROFILES.browser, seeded('hello')).includes('example')).toBe(false);
});

test('a certificate made by hand is one that others read', () => {
  const made = new X509Certificate(
    certificate(['shop.example.net', 'www.shop.example.net'], 'Krämer & Söhne', 0x51000001),
  );
  expect(made.subject).toContain('CN=shop.example.net');
  expect(made.subjectAltName).toBe('DNS:shop.example.net, DNS:www.shop.example.net');
  expect(made.verify(made.publicKey)).toBe(true);
  expect(new Date(made.validFrom).getUTCFullYear()).toBe(2025);
});

test('integers and object identifiers are encoded as X.690 says', () => {
  expect(integer(128).toString('hex')).toBe('02020080');
  expect(integer(0).toString('hex')).toBe('020100');
  expect(oid('1.2.840.113549').toString('hex')).toBe('06062a864886f70d');
});

test('a DNS answer carries its records', () => {
  const reply = dnsReply({
    id: 7,
    name: 'a.test',
    type: 'MX',
    answers: [{ name: 'a.test', type: 'MX', data: '10 mx.test' }],
  });
  expect([reply.readUInt16BE(0), reply.readUInt16BE(4), reply.readUInt16BE(6)]).toEqual([7, 1, 1]);
  expect(reply.includes(dnsName('mx.test'))).toBe(true);
});

test('an HTTP answer in chunks ends with an empty one, a 304 has no body', () => {
  const [, chunked] = exchange({ target: '/', host: 'a.test', answer: 'abcdef', chunked: 4 });
  expect(chunked!.bytes.toString()).toMatch(/\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n$/);
  const [, unchanged] = exchange({ target: '/', host: 'a.test', answer: 'abcdef', status: '304 Not Modified' });
  expect(unchanged!.bytes.toString().endsWith('\r\n\r\n')).toBe(true);
});
