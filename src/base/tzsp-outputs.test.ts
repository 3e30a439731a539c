import { describe, expect, it } from 'vitest';
import { doubledOutput, hasTimeInFolder } from './tzsp-outputs.ts';

const inject = (name: string, routers?: string[]) => ({ type: 'inject', interface: name, routers });
const stream = (path: string, routers?: string[]) => ({ type: 'stream', path, routers });

describe('outputs that double each other', () => {
  it.each([
    ['no routers', [inject('dummy0'), inject('dummy0')]],
    ['routers of one only', [inject('dummy0', ['10.0.0.1']), inject('dummy0')]],
    ['the same router', [inject('dummy0', ['10.0.0.1']), inject('dummy1'), inject('dummy0', ['10.0.0.1'])]],
    ['a router of a network', [inject('dummy0', ['10.0.0.1']), inject('dummy0', ['192.168.0.0/16', '10.0.0.0/8'])]],
    ['a network of a network', [inject('dummy0', ['10.0.0.7/8']), inject('dummy0', ['10.99.0.0/16'])]],
    ['IPv6', [inject('dummy0', ['2001:db8::/32']), inject('dummy0', ['2001:db8:1::1'])]],
    ['everybody', [inject('dummy0', ['0.0.0.0/0']), inject('dummy0', ['192.0.2.1'])]],
    ['one FIFO, whatever the routers', [stream('/a', ['10.0.0.1']), stream('/a', ['10.0.0.2'])]],
  ])('are found: %s', (_, outputs) => {
    expect(doubledOutput(outputs)?.place).toBe(outputs.length - 1);
  });

  it('are none where each has its own routers, interface or FIFO', () => {
    expect(doubledOutput([inject('dummy0'), inject('dummy1'), stream('/a'), stream('/b')])).toBeNull();
    expect(
      doubledOutput([inject('dummy0', ['10.0.0.0/9', '::1']), inject('dummy0', ['10.128.0.0/9', '10.255.0.1'])]),
    ).toBeNull();
    expect(doubledOutput([inject('dummy0', ['10.0.0.1']), inject('dummy0', ['2001:db8::1'])])).toBeNull();
  });
});

it('a time is for the name of a file, not for its folders', () => {
  for (const file of ['/a/%Y/b.pcap', '/%%/b', '/%H/%M.pcap'])
    expect([file, hasTimeInFolder(file)]).toEqual([file, true]);
  for (const file of ['/a/%Y-%m.pcap', '/50%/b', '/a']) expect([file, hasTimeInFolder(file)]).toEqual([file, false]);
});
