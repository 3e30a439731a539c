import type { SensorsAnswer, TzspReport } from '../../../src/view/api.ts';

/** A receiver of two routers, one of which stopped; frames grow from one answer to the next. */
export function tzspAnswer(now: number): Pick<SensorsAnswer, 'tzsp' | 'tzsp_problems'> {
  const frames = Math.floor(now / 10) % 100_000_000;
  const router = (address: string, more: Partial<TzspReport['routers'][number]>): TzspReport['routers'][number] => ({
    address,
    outputs: [0, 1],
    firstSeen: now - 7_000_000,
    lastSeen: now - 400,
    lastFrame: now - 400,
    datagrams: frames,
    frames,
    bytes: frames * 700,
    kernelFrames: 0,
    keepalives: 12,
    longestGapMs: 2400,
    sliced: 0,
    loops: 0,
    duplicates: 0,
    rejected: {},
    ...more,
  });
  const tzsp: TzspReport = {
    time: now,
    started: now - 7_100_000,
    path: 'user',
    noKernelPath: 'the path MTU of eth0 is 1500, so that full frames come in fragments',
    sockets: [{ address: '0.0.0.0:37008', receiveBufferBytes: 67_108_864, wantedBytes: 33_554_432, kernelDrops: 0 }],
    reassemblyFailures: 0,
    routers: [
      router('192.168.88.1', { rejected: { empty_frame: 3 }, duplicates: 1204 }),
      router('192.168.89.1', { lastSeen: now - 312_000, lastFrame: now - 312_000, frames: 81_223, bytes: 52_117_000 }),
    ],
    forgotten: 3,
    refused: { datagrams: 17, senders: [{ address: '203.0.113.9', datagrams: 17, lastSeen: now - 60_000 }] },
    outputs: [
      {
        name: 'inject dummy0',
        type: 'inject',
        state: 'open',
        reason: null,
        frames,
        bytes: frames * 700,
        dropped: { too_large: 41 },
        mtu: 1500,
        mtuNeeded: 1518,
        file: null,
        lastFrame: now - 400,
      },
      {
        name: 'pcap /var/lib/varde/tzsp/a.pcap',
        type: 'pcap',
        state: 'waiting',
        reason: 'the disk has less than 1 GB free',
        frames: 20_113,
        bytes: 15_992_121,
        dropped: { disk_full: 9120 },
        mtu: null,
        mtuNeeded: null,
        file: '/var/lib/varde/tzsp/a-2026-11-25_020000.pcap',
        lastFrame: now - 90_000,
      },
    ],
  };
  return {
    tzsp,
    tzsp_problems: [
      {
        code: 'router_stopped',
        state: 'blind',
        message: 'The router 192.168.89.1 stopped streaming 312 s ago.',
        remedy: 'After a reboot the sniffer stands still: /tool sniffer start on the router.',
      },
      {
        code: 'tzsp_mtu',
        state: 'late',
        message: 'inject dummy0: 41 frames in the last 5 minutes were too large for the MTU of 1500.',
        remedy: 'Set an MTU of 1518 or more: ip link set dev NAME mtu 1518, or varde tzsp setup --mtu.',
      },
    ],
  };
}
