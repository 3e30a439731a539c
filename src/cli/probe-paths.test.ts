import { expect, it } from 'vitest';
import { parseConfig } from '../config/load.ts';
import { choosePaths, parseKinds } from './probe-paths.ts';

const config = parseConfig(
  'probes:\n  paths:\n    - { name: lan, target: 192.0.2.1, kinds: [icmp, dns], dns_port: 5353, send: station }\n    - { name: dmz, target: 192.0.2.9 }\n',
  'test',
);
const none = parseConfig('', 'test');

it('makes a path of flags alone, with the defaults of the config', () => {
  expect(
    choosePaths(none, { target: '192.0.2.2', kind: ['icmp', 'udp', 'icmp'], interval: 10, name: 'lan' }),
  ).toMatchObject([
    {
      name: 'lan',
      target: '192.0.2.2',
      kinds: ['icmp', 'udp'],
      interval_secs: 10,
      jitter_percent: 10,
      send: 'elsewhere',
      udp_port: 9,
    },
  ]);
});

it('takes what the flags leave open from the path of that name', () => {
  expect(choosePaths(config, { target: '192.0.2.7', name: 'lan' })).toMatchObject([
    { target: '192.0.2.7', kinds: ['icmp', 'dns'], dns_port: 5353, send: 'station' },
  ]);
});

it('chooses configured paths by name and kind', () => {
  expect(choosePaths(config, {}).map(({ name }) => name)).toEqual(['lan', 'dmz']);
  expect(choosePaths(config, { path: ['dmz'] }).map(({ name }) => name)).toEqual(['dmz']);
  expect(choosePaths(config, { kind: ['dns'] })).toMatchObject([{ name: 'lan', kinds: ['dns'] }]);
});

it.each([
  [() => choosePaths(none, {}), /--target/],
  [() => choosePaths(config, { path: ['wan'] }), /there is lan, dmz/],
  [() => choosePaths(config, { kind: ['tls'] }), /no path has the kind tls/],
  [() => choosePaths(none, { target: '192.0.2.1', name: 'a b' }), /name: must be/],
  [() => choosePaths(none, { target: '192.0.2.1', vlan: 5000 }), /vlan/],
  [() => parseKinds('icpm'), /did you mean "icmp"/],
])('refuses what cannot be meant', (act, message) => {
  expect(act).toThrowError(message);
});
