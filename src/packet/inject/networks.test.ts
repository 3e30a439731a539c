import { describe, expect, it } from 'vitest';
import { PRIVATE_NETWORKS } from '../../base/private-networks.ts';
import { Networks } from './networks.ts';
import { SenderView } from './senders.ts';

function has(networks: Networks, address: string): boolean {
  const sender = new SenderView();
  sender.readText(address);
  return sender.family === 4 ? networks.hasV4(sender.v4) : networks.hasV6(sender.words);
}

describe('networks', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['192.168.88.1', '192.168.88.1', true],
    ['192.168.88.1', '192.168.88.2', false],
    ['255.255.255.255/32', '255.255.255.255', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['192.0.2.77/24', '192.0.2.1', true],
    ['fd00::/8', 'fdff::1', true],
    ['fd00::/8', 'fe00::1', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['::/0', '2001:db8::1', true],
    ['2001:db8::1', '2001:db8::1', true],
    ['2001:db8::1', '2001:db8::2', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.168.0.0/16', '::ffff:192.168.1.1', true],
  ])('%s and %s: %s', (network, address, expected) => {
    expect(has(new Networks([network]), address)).toBe(expected);
  });

  it.each([
    'nonsense',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/9',
    '10.0.0.0/0x8',
    'fd00::/129',
    '10.0.0.0/1.5',
    '',
  ])('"%s" is refused', (text) => {
    expect(() => new Networks([text])).toThrow(RangeError);
  });

  it('by default are the private ones', () => {
    const networks = new Networks(PRIVATE_NETWORKS);
    expect(
      ['10.1.1.1', '172.31.0.1', '192.168.88.1', '127.0.0.1', 'fe80::1', '::1'].map((it) => has(networks, it)),
    ).toEqual(Array(6).fill(true));
    expect(['172.32.0.1', '203.0.113.1', '2001:db8::1', '::2'].map((it) => has(networks, it))).toEqual(
      Array(4).fill(false),
    );
  });
});
