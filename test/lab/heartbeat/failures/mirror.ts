import type { Failure } from '../failure.ts';

/** What keeps the probes of a living sender from the sensor's interface, or makes them useless there. */
export const MIRROR: readonly Failure[] = [
  {
    name: 'mirror cut (link down)',
    hop: 'captured',
    causes: ['mirror_down'],
    make: ({ network }) => network.ip('switch', 'link', 'set', 'span0', 'down'),
    mend: ({ network }) => network.ip('switch', 'link', 'set', 'span0', 'up'),
  },
  {
    name: 'traffic reaches the wire but not the sensor’s interface',
    hop: 'captured',
    causes: ['mirror_silent'],
    make: ({ network }) => network.mirror('off'),
    mend: ({ network }) => network.mirror('on'),
  },
  {
    name: 'checksum offload (ICMP and DNS seen, TCP not)',
    hop: 'decoded',
    causes: ['invalid_checksums'],
    kinds: ['http'],
    async make({ network, sensor }) {
      await sensor.restart({ capture: 'pcap' });
      network.offload('on');
    },
    async mend({ network, sensor }) {
      network.offload('off');
      await sensor.restart();
    },
  },
];
