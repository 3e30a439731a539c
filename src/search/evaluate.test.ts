import { describe, expect, it } from 'vitest';
import { type JsonObject, type JsonValue, bareObject } from '../event/json.ts';
import { compareText, compileQuery } from './evaluate.ts';
import { parseQuery } from './grammar.ts';

/** A document as parsers make them: objects without a prototype. */
function bare(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const result = bareObject();
  for (const [key, inner] of Object.entries(value)) result[key] = bare(inner);
  return result;
}

const document = bare({
  '@timestamp': '2026-11-24T10:00:00.123456Z',
  event: { action: 'alert', severity: 1 },
  source: { ip: '10.1.2.3', port: 50000 },
  destination: { ip: '2001:db8::7', port: 443 },
  network: { transport: 'tcp' },
  rule: { id: '2000001', name: 'ET SCAN Grüße' },
  dns: { answers: [{ data: '192.0.2.1' }, { data: ['::1', 'x'] }], resolved_ip: ['192.0.2.1'] },
  suricata: {
    eve: {
      flow_id: 18446744073709551615n,
      tx_id: 0,
      ratio: 0.5,
      tls: { subject: 'CN=a' },
      'dotted.key': { 'x.y': 'z' },
      empty: null,
      yes: true,
      none: [],
    },
  },
}) as JsonObject;
const line = '{"msg":"Evil ÄÖ Σς İ", "n":[1]}';

describe('compileQuery', () => {
  const cases: [string, boolean][] = [
    ['*', true],
    ['', true],
    ['evil', true],
    ['"äö σς i"', true],
    ['"äö σσ"', false],
    ['ev?l', true],
    ['nothing', false],
    ['event_type:alert', true],
    ['event_type:ALERT', true],
    ['proto:TCP', true],
    ['signature:"ET SCAN Grüße"', true],
    ['signature:"et scan grüße"', false],
    ['signature:*Gr?ße', true],
    ['sid:2000001', true],
    ['sid:>2000000', true],
    ['sid:[* TO 2000000]', false],
    ['src_ip:10.0.0.0/8', true],
    ['src_ip:11.0.0.0/8', false],
    ['src_ip:>=10.1.2.3', true],
    ['src_ip:{10.1.2.3 TO *]', false],
    ['src_ip:10.*', true],
    ['dest_ip:2001:db8::/32', true],
    ['dest_ip:2001:0db8:0:0::7', true],
    ['dest_ip:10.0.0.0/8', false],
    ['ip:10.1.2.3', true],
    ['NOT ip:10.1.2.3', false],
    ['port:443', true],
    ['dest_port:>442.5', true],
    ['dest_port:443.0', true],
    ['dest_port:443.5', false],
    ['dest_port:44*', true],
    ['flow_id:18446744073709551615', true],
    ['flow_id:18446744073709551614', false],
    ['flow_id:>18446744073709551614', true],
    ['suricata.eve.flow_id:18446744073709551615', true],
    ['@timestamp:2026-11-24', true],
    ['@timestamp:2026-11-24T10:00:00.123456Z', true],
    ['@timestamp:2026-11-24T10:00:00.123457Z', false],
    ['@timestamp:>2026-11-24', false],
    ['@timestamp:>=2026-11-24T12:00:00.123456+02:00', true],
    ['@timestamp:[2026-11-24T10 TO 2026-11-24T10]', true],
    // Fields without a column.
    ['dns.answers.data:192.0.2.0/24', true],
    ['dns.answers.data:::1', true],
    ['dns.answers.data:x', true],
    ['dns.answers.data:y', false],
    ['NOT dns.answers.data:y', true],
    ['tx_id:0', true],
    ['tx_id:*', true],
    ['ratio:>0.4', true],
    ['ratio:0.5', true],
    ['yes:true', true],
    ['empty:*', false],
    ['none:*', false],
    ['nosuch:*', false],
    ['NOT nosuch:*', true],
    ['dotted.key.x.y:z', true],
    ['suricata.eve.dotted.key.x.y:z', true],
    ['suricata.eve.tls.subject:*', true],
    ['__proto__:*', false],
    ['constructor:*', false],
    ['raw:*evil*', false],
    ['raw:*Evil*', true],
    ['source.ip:(10.1.2.3 OR 10.1.2.4) AND NOT severity:(2 OR 3)', true],
  ];
  it.each(cases)('%s is %s', (expression, expected) => {
    expect(compileQuery(parseQuery(expression).query)(document, line)).toBe(expected);
  });

  it('walks deep arrays and long paths without recursion trouble', () => {
    let deep: JsonValue = 'x';
    for (let i = 0; i < 50_000; i++) deep = [deep];
    const event = bareObject();
    event['a'] = deep;
    expect(compileQuery(parseQuery('a:x').query)(event, '')).toBe(true);
    expect(compileQuery(parseQuery(`${'a.'.repeat(3000)}a:x`).query)(event, '')).toBe(false);
  });

  it('orders text by code points', () => {
    expect(compareText('\uffee', '\u{1f600}')).toBeLessThan(0);
    expect(compareText('a', 'ab')).toBeLessThan(0);
    expect(compareText('b', 'ab')).toBeGreaterThan(0);
  });
});
