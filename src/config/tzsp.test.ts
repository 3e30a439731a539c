import { expect, it } from 'vitest';
import { PRIVATE_NETWORKS } from '../base/private-networks.ts';
import { parseConfig } from './load.ts';

const defect = (text: string): string => {
  try {
    parseConfig(text, 'v.yaml');
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

it('is absent unless it is asked for', () => {
  expect(parseConfig('', 'v.yaml').tzsp).toBeUndefined();
  expect(parseConfig('tzsp: {}\n', 'v.yaml').tzsp).toEqual({
    listen: ['0.0.0.0:37008'],
    routers: PRIVATE_NETWORKS,
    receive_buffer_bytes: 33_554_432,
    drop_duplicates_ms: 0,
    kernel_path: 'auto',
    outputs: [],
  });
});

it('takes every kind of output', () => {
  const { tzsp } = parseConfig(
    `tzsp:
  listen: ['0.0.0.0:37008', '[::]:37008']
  routers: [192.168.88.1, 'fd00::/8']
  outputs:
    - { type: inject, interface: dummy0, routers: [192.168.88.1] }
    - { type: pcap, file: /var/lib/varde/tzsp/a.pcap }
    - { type: pcapng, file: /var/lib/varde/tzsp/%H.pcapng, compress: gzip, keep_files: 24 }
    - { type: stream, path: /run/varde/fifo }
`,
    'v.yaml',
  );
  expect(tzsp!.outputs.map(({ type }) => type)).toEqual(['inject', 'pcap', 'pcapng', 'stream']);
  expect(tzsp!.outputs[1]).toEqual({
    type: 'pcap',
    file: '/var/lib/varde/tzsp/a.pcap',
    rotate_secs: 3600,
    rotate_bytes: 1_000_000_000,
    keep_files: 0,
    compress: 'none',
    min_free_bytes: 1_000_000_000,
  });
});

it.each([
  '37008',
  ':37008',
  'router:37008',
  '0.0.0.0',
  '0.0.0.0:0',
  '0.0.0.0:65536',
  '::1:37008',
  '[::1',
  '[fe80::1%a]:1',
  '256.1.1.1:1',
])('does not listen on %j', (address) => {
  expect(defect(`tzsp:\n  listen: [${JSON.stringify(address)}]\n`)).toContain('v.yaml:2:12: tzsp.listen.0: must be');
});

it.each(['router', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0/8', '::/129', 'fe80::1%eth0', '', '10.0.0.0/08'])(
  '%j is no network',
  (network) => {
    expect(defect(`tzsp:\n  routers: [${JSON.stringify(network)}]\n`)).toContain('tzsp.routers.0: must be an address');
  },
);

it('names what is wrong in an output', () => {
  const output = (text: string): string => defect(`tzsp:\n  outputs:\n    - ${text}\n`);
  expect(output('{ type: inject }')).toContain('tzsp.outputs.0.interface: ');
  expect(output('{ type: inject, interface: a/b }')).toContain('must be the name of a network interface');
  expect(output('{ type: stream, path: "-" }')).toContain('must be the absolute path of a FIFO');
  expect(output('{ type: pcap, file: a.pcap }')).toContain('must be the absolute path of a file');
  expect(output('{ type: pcap, file: /a/%Y/b.pcap }')).toContain('times such as %Y in its name only');
  expect(
    output('{ type: inject, interface: d0 }\n    - { type: inject, interface: d0, routers: [10.0.0.1] }'),
  ).toContain('tzsp.outputs.1.interface: d0 is named by an output before');
  const bad = '{ type: inject, interface: d0, routers: [x, 10.0.0.0/99] }';
  expect(output(`${bad}\n    - ${bad}`)).toContain('must be an address or a network');
  expect(output('{ type: stream, path: /a }\n    - { type: stream, path: /a }')).toContain('tzsp.outputs.1.path: /a');
  expect(output('{ type: pcap, file: /a, rotate_sec: 1 }')).toContain('did you mean "rotate_secs"?');
  expect(defect('tzsp:\n  lisen: []\n')).toContain('did you mean "listen"?');
  expect(defect("tzsp:\n  listen: ['[::]:1', '[::]:1']\n")).toContain('names an address twice');
});
