import { describe, expect, it } from 'vitest';
import { PRIVATE_NETWORKS } from '../../base/private-networks.ts';
import type { Output } from './outputs/output.ts';
import { Routers } from './routers.ts';
import { SenderView } from './senders.ts';

const NOW = 1_795_500_000_000;

/** An output of this name; nothing is ever written. */
function output(name: string): Output {
  return { name } as unknown as Output;
}

function sender(text: string): SenderView {
  const view = new SenderView();
  view.readText(text);
  return view;
}

describe('routers', () => {
  it('believes only whom it is told to, and names who else sends', () => {
    const routers = new Routers({ routers: ['192.168.88.1', '2001:db8::/32'] }, []);
    expect(routers.of(sender('192.168.88.1'), NOW)?.address).toBe('192.168.88.1');
    expect(routers.of(sender('::ffff:192.168.88.1'), NOW)?.address).toBe('192.168.88.1');
    expect(routers.of(sender('2001:db8::5'), NOW)?.address).toBe('2001:db8::5');
    expect(routers.of(sender('192.168.88.2'), NOW)).toBeNull();
    expect(routers.of(sender('2001:db9::5'), NOW)).toBeNull();
    expect(routers.report().refused).toEqual({
      datagrams: 2,
      senders: [
        { address: '192.168.88.2', datagrams: 1, lastSeen: NOW },
        { address: '2001:db9::5', datagrams: 1, lastSeen: NOW },
      ],
    });
  });

  it('takes private senders by default and others not', () => {
    const routers = new Routers({ routers: [...PRIVATE_NETWORKS] }, []);
    for (const own of [
      '10.1.2.3',
      '172.31.0.1',
      '192.168.0.1',
      '169.254.1.1',
      '127.0.0.1',
      'fd00::1',
      'fe80::1',
      '::1',
    ])
      expect(routers.of(sender(own), NOW), own).not.toBeNull();
    for (const other of ['8.8.8.8', '172.32.0.1', '192.169.0.1', '2001:db8::1', '::2'])
      expect(routers.of(sender(other), NOW), other).toBeNull();
  });

  it('stays small under a flood of made-up senders, and keeps the newest of them', () => {
    const routers = new Routers({ routers: ['192.168.88.1'] }, []);
    for (let i = 0; i < 10_000; i++) routers.of(sender(`10.0.${i >> 8}.${i & 255}`), NOW + i);
    const { refused } = routers.report();
    expect(refused.datagrams).toBe(10_000);
    expect(refused.senders).toHaveLength(16);
    expect(refused.senders[0]!.address).toBe('10.0.39.15');
  });

  it('sends each router its own way, also those that share an entry', () => {
    const [left, right] = [output('left'), output('right')];
    const routers = new Routers({ routers: ['10.0.0.0/8'] }, [
      { routers: ['10.1.0.0/16'], output: left },
      { routers: ['10.2.0.0/16'], output: right },
    ]);
    for (let i = 0; i < 1000; i++) {
      const last = `${(i >> 8) & 255}.${i & 255}`;
      expect(routers.of(sender(`10.1.${last}`), NOW)?.outputs).toEqual([left]);
      expect(routers.of(sender(`10.2.${last}`), NOW)?.outputs).toEqual([right]);
      expect(routers.of(sender(`10.3.${last}`), NOW)?.outputs).toEqual([]);
    }
    const names = routers.report().routers.map(({ address }) => address);
    expect(names).toHaveLength(256 + 3);
    expect(new Set(names).size).toBe(names.length);
    expect(names.slice(-3)).toEqual(['others', 'others 2', 'others 3']);
  });
});
