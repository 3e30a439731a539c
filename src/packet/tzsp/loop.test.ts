import { describe, expect, it } from 'vitest';
import { LINK_TYPE } from '../link-types.ts';
import { FragmentMemory } from './fragment-memory.ts';
import { isOwnStream } from './loop.ts';
import { OwnAddresses } from './own-addresses.ts';

const OWN = new OwnAddresses(['192.168.40.11', '2001:db8:40:1::b', 'fe80::1%eth0', 'nonsense']);
const PORTS = new Set([37_008]);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

const MACS = '020000000001 020000000002';
/** RFC 791; identification 7. */
const v4 = (flags: string, protocol: string, to: string): string =>
  `45000100 0007${flags} 40${protocol}0000 c0a82801 ${to}`;
const udp = (port: string): string => `9c40${port} 00ec0000 01000001 01`;
const TO_US = 'c0a8280b';
const PORT = '9090';
/** RFC 8200. */
const v6 = (next: string, to: string): string => `60000000 0030${next}40 20010db8004000010000000000000001 ${to}`;
const TO_US_6 = '20010db800400001000000000000000b';

function loop(text: string, fragments: FragmentMemory | null = null, linkType: number = LINK_TYPE.ETHERNET): boolean {
  const bytes = hex(`ffff ${text} ffff`);
  return isOwnStream(bytes, 2, bytes.length - 2, PORTS, OWN, fragments, linkType);
}

describe('our own stream inside the stream', () => {
  it.each([
    ['IPv4', `${MACS} 0800 ${v4('4000', '11', TO_US)} ${udp(PORT)}`],
    ['IPv4 in a VLAN', `${MACS} 81000064 0800 ${v4('4000', '11', TO_US)} ${udp(PORT)}`],
    ['IPv4 in QinQ', `${MACS} 88a80064 81000065 0800 ${v4('4000', '11', TO_US)} ${udp(PORT)}`],
    ['IPv6', `${MACS} 86dd ${v6('11', TO_US_6)} ${udp(PORT)}`],
    ['IPv6 behind options', `${MACS} 86dd ${v6('00', TO_US_6)} 3c00010400000000 1100010400000000 ${udp(PORT)}`],
    ['a link-local address of ours', `${MACS} 86dd ${v6('11', 'fe800000000000000000000000000001')} ${udp(PORT)}`],
  ])('is known: %s', (_, frame) => {
    expect(loop(frame)).toBe(true);
  });

  it.each([
    ['another port', `${MACS} 0800 ${v4('4000', '11', TO_US)} ${udp('9091')}`],
    ['from our port, to another', `${MACS} 0800 ${v4('4000', '11', TO_US)} 90909c40 00ec0000`],
    ['another address', `${MACS} 0800 ${v4('4000', '11', 'c0a8280c')} ${udp(PORT)}`],
    ['TCP', `${MACS} 0800 ${v4('4000', '06', TO_US)} ${udp(PORT)}`],
    ['another address of IPv6', `${MACS} 86dd ${v6('11', '20010db800400001000000000000000c')} ${udp(PORT)}`],
    ['ARP', `${MACS} 0806 0001080006040001`],
    ['a frame that ends before the ports', `${MACS} 0800 ${v4('4000', '11', TO_US)} 9c40`],
    ['a header length below five', `${MACS} 0800 ${v4('4000', '11', TO_US).replace('45', '41')} ${udp(PORT)}`],
  ])('is not seen in %s', (_, frame) => {
    expect(loop(frame)).toBe(false);
  });

  it('is known without an Ethernet header, and in no other encapsulation', () => {
    const packet = `${v4('4000', '11', TO_US)} ${udp(PORT)}`;
    expect(loop(packet, null, LINK_TYPE.RAW)).toBe(true);
    expect(loop(packet, null, 105)).toBe(false);
  });

  it('is known by its later fragments too, once the first has come', () => {
    const memory = new FragmentMemory();
    const first = `${MACS} 0800 ${v4('2000', '11', TO_US)} ${udp(PORT)}`;
    const later = `${MACS} 0800 ${v4('0010', '11', TO_US)} 0102030405060708`;
    expect(loop(later, memory)).toBe(false);
    expect(loop(first, memory)).toBe(true);
    expect(loop(later, memory)).toBe(true);
    expect(loop(later.replace('0007', '0008'), memory)).toBe(false);
    const first6 = `${MACS} 86dd ${v6('2c', TO_US_6)} 1100000100000009 ${udp(PORT)}`;
    const later6 = `${MACS} 86dd ${v6('2c', TO_US_6)} 1100001000000009 0102030405060708`;
    expect(loop(later6, memory)).toBe(false);
    expect(loop(first6, memory)).toBe(true);
    expect(loop(later6, memory)).toBe(true);
  });

  describe('behind a port forward, where the router sends to an address that is not ours', () => {
    const ROUTER = new OwnAddresses(['192.168.40.1', '2001:db8:40:1::1']);
    const OTHER = 'c0a8280c';
    const OTHER_6 = '20010db800400001000000000000000c';
    const nested = (text: string, fragments: FragmentMemory | null = null, sender = ROUTER): boolean => {
      const bytes = hex(text);
      return isOwnStream(bytes, 0, bytes.length, PORTS, OWN, fragments, LINK_TYPE.ETHERNET, sender);
    };
    const frame = `${MACS} 0800 ${v4('4000', '11', OTHER)} ${udp(PORT)}`;
    const frame6 = `${MACS} 86dd ${v6('11', OTHER_6)} ${udp(PORT)}`;

    it('is known by its sender', () => {
      expect([nested(frame), nested(frame6)]).toEqual([true, true]);
    });

    it('is not seen in what another sent, to another port, or in another protocol', () => {
      const another = new OwnAddresses(['192.168.40.7', '2001:db8:40:1::7', 'others']);
      expect([nested(frame, null, another), nested(frame6, null, another)]).toEqual([false, false]);
      expect(nested(frame.replace(PORT, '9091'))).toBe(false);
      expect(nested(frame.replace('01000001', '02000001'))).toBe(false);
      expect(nested(frame.replace('01000001', '01040001'))).toBe(false);
      expect(nested(frame.slice(0, -'000001 01'.length - 2))).toBe(false);
    });

    it('is known by its later fragments too', () => {
      const memory = new FragmentMemory();
      const later = `${MACS} 0800 ${v4('0010', '11', OTHER)} 0102030405060708`;
      const later6 = `${MACS} 86dd ${v6('2c', OTHER_6)} 1100001000000009 0102030405060708`;
      expect([nested(later, memory), nested(later6, memory)]).toEqual([false, false]);
      expect(nested(`${MACS} 0800 ${v4('2000', '11', OTHER)} ${udp(PORT)}`, memory)).toBe(true);
      expect(nested(`${MACS} 86dd ${v6('2c', OTHER_6)} 1100000100000009 ${udp(PORT)}`, memory)).toBe(true);
      expect([nested(later, memory), nested(later6, memory)]).toEqual([true, true]);
    });
  });

  it('is looked for within bounds, whatever the frame is', () => {
    const frame = hex(`${MACS} 86dd ${v6('00', TO_US_6)} ${'00ff0104'.repeat(30)}`);
    for (let end = 0; end <= frame.length; end++)
      expect(isOwnStream(frame.subarray(0, end), 0, end, PORTS, OWN, new FragmentMemory())).toBe(false);
  });
});
