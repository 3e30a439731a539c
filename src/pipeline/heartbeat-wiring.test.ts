import { expect, it } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { keyFile, ownPaths, pathOptions, sensorOptions } from './heartbeat-wiring.ts';

const source = (parser: string, ...paths: string[]) => ({ type: 'file_tail', parser, paths });
const SOURCES = [
  source('suricata-eve', '/a/eve.json*'),
  source('suricata-fast', '/a/fast.log'),
  source('suricata-eve', '/b/eve.json*', '/b/old.json'),
];

it('has one sensor for all that Suricata writes where none is configured', () => {
  expect(sensorOptions(configSchema.parse({ sources: SOURCES }))).toEqual([
    { name: 'sensor', sources: ['file_tail:0', 'file_tail:2'], command_socket: null, interface: null },
  ]);
});

it('gives each sensor its sources, by place or by path', () => {
  const sensors = [
    { name: 'a', sources: [0], interface: 'eth1' },
    { name: 'b', sources: ['/b/old.json'], command_socket: '/run/s.socket' },
    { name: 'c', sources: [] },
    { name: 'd' },
  ];
  expect(sensorOptions(configSchema.parse({ sources: SOURCES, sensors }))).toEqual([
    { name: 'a', sources: ['file_tail:0'], command_socket: null, interface: 'eth1' },
    { name: 'b', sources: ['file_tail:2'], command_socket: '/run/s.socket', interface: null },
    { name: 'c', sources: [], command_socket: null, interface: null },
    { name: 'd', sources: ['file_tail:0', 'file_tail:2'], command_socket: null, interface: null },
  ]);
});

it('sends what is not sent elsewhere', () => {
  const paths = [
    { name: 'in', target: '192.0.2.1' },
    { name: 'out', target: '192.0.2.2', send: 'elsewhere' },
  ];
  const config = configSchema.parse({ data: '/d', probes: { paths } });
  expect(ownPaths(config).map(({ name }) => name)).toEqual(['in']);
  expect(pathOptions(config).map(({ name }) => name)).toEqual(['in', 'out']);
  expect(keyFile(config)).toBe('/d/probe.key');
  expect(keyFile(configSchema.parse({ probes: { key_file: '/k' } }))).toBe('/k');
});
