import { describe, expect, it } from 'vitest';
import { PRIVATE_NETWORKS } from '../../base/private-networks.ts';
import type { Output } from './outputs/output.ts';
import { namedRouters } from './named-routers.ts';
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
      // Each sends frames, so that none makes room for another.
      const last = `${(i >> 8) & 255}.${i & 255}`;
      const one = routers.of(sender(`10.1.${last}`), NOW);
      one!.frames++;
      expect(one?.outputs).toEqual([left]);
      expect(routers.of(sender(`10.2.${last}`), NOW)?.outputs).toEqual([right]);
      expect(routers.of(sender(`10.3.${last}`), NOW)?.outputs).toEqual([]);
    }
    const report = routers.report(NOW).routers;
    const names = report.map(({ address }) => address);
    expect(report.find(({ address }) => address === '10.1.0.0')?.outputs).toEqual([0]);
    expect(names).toHaveLength(256 + 3);
    expect(new Set(names).size).toBe(names.length);
    expect(names.slice(-3)).toEqual(['others', 'others 2', 'others 3']);
  });

  it('lets no flood of made-up senders keep a router out, nor one that the config names', () => {
    const routers = new Routers({ routers: ['10.0.0.0/8', '10.9.9.9'] }, []);
    const flood = (from: number): void => {
      for (let i = from; i < from + 1000; i++) routers.of(sender(`10.0.${i >> 8}.${i & 255}`), NOW)?.reject('version');
    };
    flood(0);
    const late = routers.of(sender('10.8.8.8'), NOW)!;
    late.frames++;
    routers.of(sender('10.9.9.9'), NOW);
    flood(1000);
    expect(routers.of(sender('10.8.8.8'), NOW)).toBe(late);
    const { routers: known, forgotten } = routers.report(NOW);
    expect(known).toHaveLength(257);
    expect(known.map(({ address }) => address)).toEqual(expect.arrayContaining(['10.8.8.8', '10.9.9.9']));
    expect(forgotten).toBe(2000 + 1 - 256);
  });

  it('forgets who sent no frame and is silent for ten minutes', () => {
    const routers = new Routers({ routers: ['10.0.0.0/8', '10.9.9.9'] }, []);
    const router = routers.of(sender('10.0.0.1'), NOW)!;
    router.frames++;
    routers.of(sender('10.9.9.9'), NOW);
    const stranger = routers.of(sender('10.0.0.2'), NOW)!;
    const names = (after: number): string[] => routers.report(NOW + after).routers.map(({ address }) => address);
    expect(names(600_000)).toEqual(['10.0.0.1', '10.9.9.9', '10.0.0.2']);
    expect(names(600_001)).toEqual(['10.0.0.1', '10.9.9.9']);
    expect(stranger.forgotten).toBe(true);
    expect(routers.report(NOW).forgotten).toBe(1);
    // The last sender is remembered for speed: that must not bring it back unseen.
    expect(routers.of(sender('10.0.0.2'), NOW)).not.toBe(stranger);
  });
});

it('names routers by single addresses only, and the usual networks name nobody', () => {
  const list = ['192.168.88.1', '192.168.88.2/32', '10.0.0.0/8', 'FD00:0::1', 'fd00::2/128', 'fd00::/8'];
  expect([...namedRouters(list)]).toEqual(['192.168.88.1', '192.168.88.2', 'fd00::1', 'fd00::2']);
  expect(namedRouters([...PRIVATE_NETWORKS]).size).toBe(0);
});
