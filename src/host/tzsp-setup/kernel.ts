import type { SetupFile, TzspPlan } from './plan.ts';

/** The module of dummy interfaces (modules-load.d(5)) and the sizes of buffers (sysctl.d(5)). */
export function kernelFiles({ interfaces, receiveBufferLimit }: TzspPlan): SetupFile[] {
  return [
    {
      path: '/etc/modules-load.d/varde-tzsp.conf',
      purpose: 'loads the driver of dummy interfaces at boot',
      text: '# Varde: interfaces that carry the frames of TZSP streams to Suricata.\ndummy\n',
    },
    {
      path: '/etc/sysctl.d/60-varde-tzsp.conf',
      purpose: 'receive buffer, and an interface that only carries',
      text: [
        '# Varde: room for bursts of a TZSP stream. A receiver with CAP_NET_ADMIN takes it anyway; others may ask for this much.',
        `net.core.rmem_max = ${receiveBufferLimit}`,
        ...interfaces.flatMap((name) => [
          '',
          `# ${name} carries other machines' frames: this machine must neither answer them nor be configured by them.`,
          // A dot in a name would be read as a level of the path: sysctl.d(5) wants slashes then.
          ...[
            ['ipv6', 'disable_ipv6', 1],
            ['ipv4', 'rp_filter', 1],
            ['ipv4', 'arp_ignore', 8],
            ['ipv4', 'accept_redirects', 0],
          ].map(([version, key, value]) => `-net/${version}/conf/${name}/${key} = ${value}`),
        ]),
        '',
      ].join('\n'),
    },
  ];
}
