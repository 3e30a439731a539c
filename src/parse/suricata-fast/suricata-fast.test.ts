import { expect, test } from 'vitest';
import { COLUMN_INDEX } from '../../event/columns.ts';
import { getField } from '../../event/document.ts';
import type { JsonObject } from '../../event/json.ts';
import { newRow } from '../../event/row.ts';
import { isReject } from '../parser.ts';
import { readFastLine } from './line.ts';
import { suricataFast } from './suricata-fast.ts';

const ORIGIN = { fileId: '0123456789abcdef', path: 'fast.log', offset: 0, ingested: 0, source: 'test' };
const HEAD = '11/24/2026-02:26:05.818575  ';
const TAIL = '[**] [1:2000001:3] Text [**] [Classification: Misc activity] [Priority: 2]';

function documentOf(line: string): JsonObject {
  const document = suricataFast.document(Buffer.from(line), ORIGIN);
  if (isReject(document)) throw new Error(document.detail);
  return document;
}

test('an alert has the fields of an eve alert', () => {
  const document = documentOf(`${HEAD}${TAIL} {TCP} 10.0.0.1:40000 -> 198.51.100.7:443`);
  expect(document).toMatchObject({
    message: 'Misc activity',
    event: { kind: 'alert', action: 'alert', severity: 2, type: ['allowed'], dataset: 'suricata.fast' },
    rule: { id: '2000001', name: 'Text', category: 'Misc activity', version: '3' },
    source: { ip: '10.0.0.1', port: 40000 },
    destination: { ip: '198.51.100.7', port: 443 },
    network: { transport: 'tcp', direction: 'outbound', type: 'ipv4' },
  });
});

test('the columns are those of the document', () => {
  const line = Buffer.from(
    `${HEAD}${TAIL} {UDP} 2001:0db8:0000:0000:0000:0000:0000:0001:53 -> 2001:0db8:0000:0000:0000:0000:0000:0002:40000`,
  );
  const row = newRow();
  expect(suricataFast.row(line, 0, line.length, row)).toBeNull();
  expect(row[COLUMN_INDEX.source_ip]).toBe('2001:db8::1');
  expect(row[COLUMN_INDEX.source_port]).toBe(53);
  expect(row[COLUMN_INDEX.rule_id]).toBe(2000001);
  expect(row[COLUMN_INDEX.ts]).toBe(new Date(2026, 10, 24, 2, 26, 5).getTime() * 1000 + 818575);
});

test('ICMP shows type and code where others have ports', () => {
  const document = documentOf(`${HEAD}${TAIL} {ICMP} 192.0.2.1:8 -> 192.0.2.2:0`);
  expect(getField(document, 'source.port')).toBeUndefined();
  expect(getField(document, 'suricata.fast')).toMatchObject({ icmp_type: 8, icmp_code: 0 });
});

test.each([
  ['', null, 'allowed'],
  ['[Drop] ', 'drop', 'denied'],
  ['[wDrop] ', 'would_drop', 'allowed'],
])('the mark %j means %s', (mark, meaning, type) => {
  const document = documentOf(`${HEAD}${mark}${TAIL} {TCP} 192.0.2.1:1 -> 192.0.2.2:2`);
  expect(getField(document, 'suricata.fast.mark') ?? null).toBe(meaning);
  expect(getField(document, 'event.type')).toEqual([type]);
});

test('a rule without a class, and a packet that could not be decoded', () => {
  expect(
    readFastLine(
      `${HEAD}[**] [1:2:3] Text [**] [Classification: (null)] [Priority: 3] {TCP} 192.0.2.1:1 -> 192.0.2.2:2`,
    ),
  ).toMatchObject({ classification: null, signature: 'Text' });
  expect(readFastLine(`${HEAD}${TAIL} [**] [Raw pkt: 42 5F ] [pcap file packet: 7]`)).toMatchObject({
    proto: null,
    source: null,
    rawPacket: '42 5F',
    pcapPacket: 7,
  });
});

test('the text of a rule may look like the rest of the line', () => {
  const text = 'x [**] [Classification: y] [Priority: 1] {TCP} 192.0.2.9:1 -> 192.0.2.9:2';
  expect(
    readFastLine(`${HEAD}[**] [1:2:3] ${text} [**] [Classification: z] [Priority: 3] {UDP} 192.0.2.1:1 -> 192.0.2.2:2`),
  ).toMatchObject({
    signature: text,
    classification: 'z',
    proto: 'UDP',
  });
});

test('lines of 1 MB full of marks are read or refused at once', () => {
  const marks = ' [**] [Classification: '.repeat(50_000);
  expect(readFastLine(`${HEAD}[**] [1:2:3]${marks}`)).toMatchObject({ code: 'not_this_format' });
  expect(readFastLine(`${HEAD}[**] [1:2:3]${marks}a] [Priority: 3] {TCP} 192.0.2.1:1 -> 192.0.2.2:2`)).toMatchObject({
    classification: 'a',
  });
});
