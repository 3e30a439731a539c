import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { wantsLine } from './prefilter.ts';

const SIDS = new Set([5_100_000, 5_100_001]);
const wants = (text: string, before = 'xx', behind = ''): boolean => {
  const bytes = Buffer.from(before + text + behind);
  return wantsLine(SIDS, bytes, before.length, before.length + Buffer.byteLength(text));
};

const alert = (sid: string, rest = ''): string =>
  `{"timestamp":"2026-11-24T02:26:05.818575+0000","flow_id":1,"in_iface":"vb","event_type":"alert","alert":{"action":"allowed","gid":1,"signature_id":${sid}},"x":"${rest}"}`;

it('wants stats, our rules and our marker, and nothing else', () => {
  expect(wants('{"timestamp":"2026-11-24T19:02:41.245315+0000","event_type":"stats","stats":{}}')).toBe(true);
  expect(wants('{"event_type": "stats"}')).toBe(true);
  expect(wants(alert('5100001'))).toBe(true);
  expect(wants(alert('5100000'))).toBe(true);
  expect(wants(alert('51000011'))).toBe(false);
  expect(wants(alert('510000'))).toBe(false);
  expect(wants(alert(''))).toBe(false);
  expect(wants(alert('2100001', 'abc.varde-hb.invalid'))).toBe(true);
  expect(wants('{"event_type":"dns","dns":{"rrname":"abc.varde-hb.invalid"}}')).toBe(false);
  expect(wants('{"event_type":"flow","signature_id":5100001}')).toBe(false);
  expect(wants('{"event_type":"statsx"}')).toBe(false);
  expect(wants('')).toBe(false);
});

it('does not look beyond the line', () => {
  expect(wants('{"event_type":"alert"}', 'xx', '{"signature_id":5100001}')).toBe(false);
  expect(wants('{"event_type":', 'xx', '"stats"}')).toBe(false);
  expect(wants('{"a":1}', '"event_type":"stats"', '"event_type":"stats"')).toBe(false);
  expect(wants(alert('510000'), '', '1')).toBe(false);
});

it('finds what a plain search finds', () => {
  const piece = fc.constantFrom(
    '"event_type":',
    '"alert"',
    '"stats"',
    ' ',
    '"signature_id":',
    '5100001',
    '"event_',
    'type":',
    '{',
    ',',
    'varde-hb',
    'varde-',
    '"',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = pieces.join('');
      const found = /^.*?"event_type": *("alert"|"stats")?/.exec(text);
      const rest = text.slice(found?.[0].length ?? 0);
      const expected =
        found !== null &&
        (found[1] === '"stats"' ||
          (found[1] === '"alert"' && (/"signature_id": *5100001(?!\d{1,3})/.test(rest) || rest.includes('varde-hb'))));
      // Ten digits at most are read of a number; longer ones are none of ours either way.
      if (/5100001\d/.test(text)) return;
      expect(wants(text)).toBe(expected);
    }),
    { numRuns: 3000 },
  );
});
