import { expect, it } from 'vitest';
import { reasm6Fails, reasmFails, Reassembly } from './reassembly.ts';

const SNMP = `Ip: Forwarding DefaultTTL ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs
Ip: 2 64 1 20 30 4 50
Icmp: InMsgs InErrors
Icmp: 9 9
`;
const SNMP6 = `Ip6ReasmReqds                   	7
Ip6ReasmFails                   	5
Ip6FragOKs                      	9
`;

it('failures to put packets together are read for IPv4 and IPv6', () => {
  expect(reasmFails(SNMP)).toBe(4);
  expect(reasm6Fails(SNMP6)).toBe(5);
  expect([reasmFails(''), reasm6Fails(''), reasmFails('Ip: A\nIp: 1\n')]).toEqual([0, 0, 0]);
});

it('count from the start, and never back', () => {
  let count = 100;
  const reassembly = new Reassembly(() => count);
  expect(reassembly.failures()).toBe(0);
  count = 103;
  expect(reassembly.failures()).toBe(3);
  count = 0;
  expect(reassembly.failures()).toBe(0);
});
