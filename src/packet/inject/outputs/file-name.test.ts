import { describe, expect, it } from 'vitest';
import { belongsTo, fileName } from './file-name.ts';

const TIME = new Date('2026-03-04T05:06:07.890Z');

describe('name of a capture file', () => {
  it.each([
    ['/var/a.pcap', null, 1, '/var/a-20260304T050607Z.pcap'],
    ['/var/%Y/%m/%d/%H%M%S.pcap', null, 1, '/var/2026/03/04/050607.pcap'],
    ['/var/100%%-%H.pcap', null, 1, '/var/100%-05.pcap'],
    ['/var/a.pcap', 105, 1, '/var/a-20260304T050607Z-linktype105.pcap'],
    ['/var/%H.pcap', null, 3, '/var/05-3.pcap'],
    ['/var/a', null, 1, '/var/a-20260304T050607Z'],
  ])('%s, link type %s, turn %i: %s', (template, linkType, again, expected) => {
    expect(fileName(template, TIME, linkType, again)).toBe(expected);
  });

  it.each(['/var/a.pcap', '/var/%H.pcap', '/var/%Y-%m-%d.%H.pcap', '/var/x(1)+[a].pcap'])(
    'of %s belongs to it in every form, and others do not',
    (template) => {
      const own = belongsTo(template);
      for (const linkType of [null, 105])
        for (const again of [1, 2, 77]) {
          const name = fileName(template, TIME, linkType, again).replace(/^.*\//, '');
          expect([name, own(name), own(`${name}.gz`)]).toEqual([name, true, true]);
          expect([own(`${name}.gz.part`), own(`x${name}`), own(`${name}x`)]).toEqual([false, false, false]);
        }
      for (const other of ['a.pcap', 'passwd', 'b-20260304T050607Z.pcap', '']) expect(own(other)).toBe(false);
    },
  );
});
