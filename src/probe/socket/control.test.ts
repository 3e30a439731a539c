import { expect, it } from 'vitest';
import { parseIp } from '../../event/ip.ts';
import { type ErrorNotice, meaningOf, readControl } from './control.ts';
import { deviceOf } from './device.ts';
import { makeInbox } from './libc.ts';
import { neighbourUnanswered, type Neighbours } from './neighbour.ts';
import { fromSockaddr, toSockaddr } from './sockaddr.ts';

const address = (text: string, scope = 0) => ({ ip: parseIp(text)!, scope, text });

it('writes and reads socket addresses of both families', () => {
  expect(toSockaddr(address('192.0.2.1'), 0x1234).toString('hex')).toBe('02001234c00002010000000000000000');
  const six = toSockaddr(address('fe80::1', 3), 53);
  expect(six.toString('hex')).toBe('0a00003500000000fe80000000000000000000000000000103000000');
  expect(fromSockaddr(toSockaddr(address('192.0.2.1'), 9))).toEqual({ ip: '192.0.2.1', port: 9 });
  expect(fromSockaddr(toSockaddr(address('2001:db8::1'), 9))).toEqual({ ip: '2001:db8::1', port: 9 });
  for (const bytes of ['', '0a00', '0100123400000000', '0a00003500000000fe80'])
    expect(fromSockaddr(Buffer.from(bytes, 'hex'))).toBeNull();
});

/** A struct cmsghdr of a machine with words of eight bytes. */
function message(level: number, type: number, data: Buffer): Buffer {
  const out = Buffer.alloc(Math.ceil((16 + data.length) / 8) * 8);
  out.writeUInt32LE(16 + data.length, 0);
  out.writeInt32LE(level, 8);
  out.writeInt32LE(type, 12);
  data.copy(out, 16);
  return out;
}

const notice = Buffer.concat([
  Buffer.from('71000000020301000000000000000000', 'hex'),
  toSockaddr(address('192.0.2.1'), 0),
]);

it('reads the time of arrival and the error notice, in any order, and nothing beyond the end', () => {
  const time = Buffer.alloc(16);
  time.writeBigInt64LE(1_795_561_727n, 0);
  time.writeBigInt64LE(212_500_000n, 8);
  const both = Buffer.concat([message(1, 64, time), message(0, 11, notice)]);
  const expected = {
    time: 1_795_561_727_212.5,
    notice: { errno: 113, origin: 'icmp', type: 3, code: 1, offender: '192.0.2.1' },
  };
  expect(readControl(both, 8)).toEqual(expected);
  expect(
    readControl(Buffer.concat([message(0, 11, notice), message(5, 5, Buffer.alloc(3)), message(1, 64, time)]), 8),
  ).toEqual(expected);
  expect(readControl(message(1, 35, time), 8).time).toBe(expected.time);
  for (let end = 0; end < both.length; end++) expect(() => readControl(both.subarray(0, end), 8)).not.toThrow();
  expect(readControl(Buffer.alloc(64), 8)).toEqual({ time: null, notice: null });
});

const of = (more: Partial<ErrorNotice>): ErrorNotice => ({
  errno: 113,
  origin: 'icmp',
  type: 3,
  code: 1,
  offender: null,
  ...more,
});

it.each<[string, Partial<ErrorNotice>, ReturnType<typeof meaningOf>]>([
  ['our own kernel: the neighbour is silent', { offender: '192.0.2.1' }, { error: 'arp_unanswered' }],
  ['the same in IPv6', { origin: 'icmp6', type: 1, code: 3, offender: '192.0.2.1' }, { error: 'arp_unanswered' }],
  ['the target: nobody listens on the port', { code: 3, offender: '192.0.2.2' }, { answered: true }],
  ['the target, in IPv6', { origin: 'icmp6', type: 1, code: 4, offender: '192.0.2.2' }, { answered: true }],
  ['a stranger who speaks for the port', { code: 3, offender: '192.0.2.7' }, null],
  ['a router behind the wire: no such host', { offender: '203.0.113.1' }, null],
  ['a router: time exceeded', { type: 11, code: 0, offender: '203.0.113.1' }, null],
  ['the machine itself: message too long', { origin: 'local', errno: 90, type: 0, code: 0 }, { error: 'EMSGSIZE' }],
])('%s', (_, more, meaning) => {
  expect(meaningOf(of(more), '192.0.2.1', '192.0.2.2')).toEqual(meaning);
});

it('finds the interface of a VLAN by its tag, whatever its name', () => {
  const list =
    'VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\nguests         | 20  | eth1\neth0.20        | 20  | eth0\n';
  const missing = (): string => {
    throw new Error('ENOENT');
  };
  expect(deviceOf({ interface: 'eth1', vlan: 20 }, () => list)).toBe('guests');
  expect(deviceOf({ interface: 'eth0', vlan: 30 }, () => list)).toBe('eth0.30');
  expect(deviceOf({ interface: 'eth0', vlan: 20 }, missing)).toBe('eth0.20');
  expect(deviceOf({ interface: 'eth0' }, missing)).toBe('eth0');
  expect(deviceOf({}, missing)).toBeNull();
});

it('tells a silent neighbour from a missing route where TCP does not', () => {
  const arp =
    'IP address       HW type     Flags       HW address            Mask     Device\n192.0.2.254      0x1         0x0         00:00:00:00:00:00     *        eth0\n';
  const route = 'Iface\tDestination\tGateway\tFlags\neth0\t00000000\tFE0200C0\t0003\n';
  const kernel = (more: Partial<Record<string, string>>): Neighbours => ({
    interfaces: () => ({ eth0: [{ cidr: '192.0.2.1/24' }, { cidr: '2001:db8::1/64' }] as never }),
    read: (file) => more[file] ?? '',
  });
  const both = kernel({ '/proc/net/arp': arp, '/proc/net/route': route });
  expect(neighbourUnanswered(parseIp('192.0.2.9')!, 3000, kernel({}))).toBe(true);
  expect(neighbourUnanswered(parseIp('2001:db8::9')!, 3000, kernel({}))).toBe(true);
  expect(neighbourUnanswered(parseIp('192.0.2.9')!, 1, kernel({}))).toBe(false);
  // Another probe asked a moment ago: TCP joins in the waiting, and hears at once that it was in vain.
  expect(neighbourUnanswered(parseIp('192.0.2.254')!, 1, both)).toBe(true);
  expect(neighbourUnanswered(parseIp('198.51.100.1')!, 3000, both)).toBe(true);
  expect(
    neighbourUnanswered(
      parseIp('198.51.100.1')!,
      3000,
      kernel({ '/proc/net/arp': arp.replace('0x0 ', '0x2 '), '/proc/net/route': route }),
    ),
  ).toBe(false);
  expect(neighbourUnanswered(parseIp('198.51.100.1')!, 3000, kernel({}))).toBe(false);
});

it('reads them on a machine with words of four bytes', () => {
  // As recvmsg(2) gave it to a program of 32-bit ARM, but for the address, which the emulator left out.
  const head = Buffer.from('2c000000000000000b000000', 'hex');
  const time = Buffer.from('1c0000000100000040000000', 'hex');
  const stamp = Buffer.alloc(16);
  stamp.writeBigInt64LE(1_795_561_727n, 0);
  const control = Buffer.concat([time, stamp, head, notice]);
  expect(readControl(control, 4)).toMatchObject({
    time: 1_795_561_727_000,
    notice: { origin: 'icmp', type: 3, code: 1, offender: '192.0.2.1' },
  });
});

it.each([4, 8] as const)('lays out what recvmsg(2) wants with words of %i bytes', (word) => {
  const bytes = Buffer.alloc(4096);
  const address = 0x10000n;
  const inbox = makeInbox(word, (length) => ({ address, bytes: bytes.subarray(0, length), keep: 'kept' }));
  inbox.reset();
  const at = (place: number): number => (word === 8 ? Number(bytes.readBigUInt64LE(place)) : bytes.readUInt32LE(place));
  // struct msghdr: name, namelen, iov, iovlen, control, controllen; int namelen is padded to a word.
  const [name, nameLength, vector, vectors, control, controlLength] = [0, 1, 2, 3, 4, 5].map((i) => at(i * word));
  expect([nameLength, vectors, controlLength]).toEqual([128, 1, 512]);
  const base = Number(address);
  const [data, dataLength] = [at(vector! - base), at(vector! - base + word)];
  expect(dataLength).toBe(2048);
  // Nothing lies over another: the header of seven words, the vector of two, the name, the data, the control.
  expect([vector! - base >= 7 * word, name! >= vector! + 2 * word, data >= name! + 128]).toEqual([true, true, true]);
  expect(control).toBeGreaterThanOrEqual(data + 2048);
  bytes.write('answer', data - base, 'latin1');
  bytes.write('told', control! - base, 'latin1');
  bytes.writeUInt32LE(4, 5 * word);
  const message = inbox.take(6);
  expect([message.bytes.toString(), message.control.toString()]).toEqual(['answer', 'told']);
});
