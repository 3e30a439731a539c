import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { eveLine, scalarsOf } from '../../../test/fuzz/eve-lines.ts';
import { COLUMN_INDEX, type EventColumnName } from '../../event/columns.ts';
import { getField } from '../../event/document.ts';
import type { JsonObject, JsonValue } from '../../event/json.ts';
import { parseLossless } from '../../event/lossless-json.ts';
import { newRow, type Cell, type Row } from '../../event/row.ts';
import { isReject, type Reject } from '../parser.ts';
import { projectDocument } from '../project.ts';
import { suricataEve } from './suricata-eve.ts';

const LIMIT = { interruptAfterTimeLimit: 4000, numRuns: 5000 };
const ORIGIN = {
  fileId: '0123456789abcdef',
  path: '/var/log/suricata/eve.json',
  offset: 4096,
  ingested: 1_700_000_000_000_001,
  source: 'file_tail:0',
};
const STAMP = '"timestamp":"2026-11-24T02:26:05.818575+0000"';

function documentOf(line: string | Buffer): JsonObject {
  const document = suricataEve.document(Buffer.from(line as string), ORIGIN);
  if (isReject(document)) throw new Error(`${document.code}: ${document.detail}`);
  return document;
}

function field(line: string | Buffer, name: string): JsonValue | undefined {
  return getField(documentOf(line), name);
}

function rowOf(line: string | Buffer): Row {
  const bytes = Buffer.from(line as string);
  const row = newRow();
  expect(suricataEve.row(bytes, 0, bytes.length, row)).toBeNull();
  return row;
}

function cell(line: string | Buffer, name: EventColumnName): Cell {
  return rowOf(line)[COLUMN_INDEX[name]]!;
}

test('columns agree with the document', () => {
  fc.assert(
    fc.property(eveLine, (line) => {
      const bytes = Buffer.from(line);
      const row = newRow();
      const refused = suricataEve.row(bytes, 0, bytes.length, row);
      const document = suricataEve.document(bytes, ORIGIN);
      if (isReject(document)) {
        expect(refused).toEqual(document);
        return;
      }
      expect(refused).toBeNull();
      const projected = newRow();
      projectDocument(document, projected);
      expect(row).toEqual(projected);
    }),
    LIMIT,
  );
});

test('every scalar of the line is in the document, beside the line itself', () => {
  fc.assert(
    fc.property(eveLine, (line) => {
      const bytes = Buffer.from(line);
      const document = suricataEve.document(bytes, ORIGIN);
      if (isReject(document)) return;
      const { original: _, ...event } = document.event as JsonObject;
      const kept = new Set(scalarsOf({ ...document, event }));
      // Lone surrogates do not survive the way into bytes: compare with what was really written.
      const lost = scalarsOf(parseLossless(bytes.toString())).filter((scalar) => !kept.has(scalar));
      expect(lost).toEqual([]);
    }),
    LIMIT,
  );
});

test('the line and where it came from are told', () => {
  const line = `{${STAMP},"event_type":"stats"}\r`;
  expect(documentOf(line)).toMatchObject({
    event: { original: line, ingested: '2023-11-14T22:13:20.000001Z', module: 'suricata', dataset: 'suricata.eve' },
    log: { file: { path: '/var/log/suricata/eve.json', id: '0123456789abcdef' }, offset: 4096 },
    varde: { source: 'file_tail:0', parser_version: 1 },
    ecs: { version: expect.stringMatching(/^[0-9]+\.[0-9]+\.[0-9]+$/) },
  });
});

test('a line that is no UTF-8 is kept in hexadecimal', () => {
  const line = Buffer.concat([Buffer.from(`{${STAMP},"x":"`), Buffer.from([0xff]), Buffer.from('"}')]);
  expect(field(line, 'varde.original_hex')).toBe(line.toString('hex'));
  expect(field(line, 'event.original')).toBeUndefined();
  expect(field(line, 'suricata.eve.x')).toBe('\ufffd');
});

test('integers beyond 2^53 are exact in columns', () => {
  const line = `{${STAMP},"flow_id":11200975000855117829,"event_type":"flow","flow":{"bytes_toserver":9007199254740993,"bytes_toclient":1}}`;
  expect(cell(line, 'flow_id')).toBe(11200975000855117829n);
  expect(cell(line, 'source_bytes')).toBe(9007199254740993n);
  expect(cell(line, 'network_bytes')).toBe(9007199254740994n);
  expect(field(line, 'suricata.eve.flow_id')).toBe('11200975000855117829');
});

test('a flow id that comes as text, as documents have it, is one', () => {
  expect(cell(`{${STAMP},"flow_id":"11200975000855117829"}`, 'flow_id')).toBe(11200975000855117829n);
  expect(cell(`{${STAMP},"flow_id":"18446744073709551616"}`, 'flow_id')).toBeNull();
  expect(cell(`{${STAMP},"flow_id":"-1"}`, 'flow_id')).toBeNull();
});

test('of a repeated key the column has the last value, and the document all of them', () => {
  const line = `{${STAMP},"event_type":"alert","src_ip":"192.0.2.1","src_ip":"192.0.2.2","alert":{"action":"allowed","action":"blocked"}}`;
  expect(cell(line, 'source_ip')).toBe('192.0.2.2');
  expect(field(line, 'source.ip')).toBe('192.0.2.2');
  expect(field(line, 'suricata.eve.src_ip')).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(cell(line, 'alert_action')).toBe('blocked');
});

test('a repeated key deep inside what is mapped as a whole is not lost', () => {
  const line = `{${STAMP},"event_type":"dns","dns":{"version":2,"type":"answer","answers":[{"rrname":"a","rrname":"b","rrtype":"TXT","rdata":"x"}]}}`;
  expect(field(line, 'dns.answers')).toMatchObject([{ name: 'b', type: 'TXT', data: 'x' }]);
  expect(field(line, 'suricata.eve.dns.answers')).toMatchObject([{ rrname: ['a', 'b'] }]);
});

test('keys of a prototype pollute nothing and change nothing', () => {
  const line = `{${STAMP},"__proto__":{"event_type":"x","polluted":1},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1}`;
  expect(cell(line, 'event_action')).toBeNull();
  expect(Object.keys(field(line, 'suricata.eve') as JsonObject)).toEqual([
    '__proto__',
    'constructor',
    'hasOwnProperty',
  ]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a line cannot pass itself off as a reject', () => {
  const line = `{"code":"not_json","detail":"x",${STAMP}}`;
  expect(cell(line, 'ts')).toBe(Date.UTC(2026, 10, 24, 2, 26, 5) * 1000 + 818575);
  expect(field(line, 'suricata.eve.code')).toBe('not_json');
});

test('the tenth line reads as the first: nothing is remembered of the lines before', () => {
  const row = newRow();
  const alert = Buffer.from(
    `{${STAMP},"event_type":"alert","src_ip":"192.0.2.1","src_port":1,"alert":{"signature_id":9007199254740993,"severity":1},"flow_id":9007199254740993}`,
  );
  const bare = Buffer.from(`{${STAMP}}`);
  suricataEve.row(alert, 0, alert.length, row);
  row.fill(null);
  suricataEve.row(bare, 0, bare.length, row);
  expect(row.filter((value) => value !== null)).toHaveLength(2);
});

test.each([
  ['10,000 levels', `{${STAMP},"a":${'[{"b":'.repeat(5000)}1${'}]'.repeat(5000)}}`],
  ['100,000 keys', `{${STAMP},${Array.from({ length: 100_000 }, (_, i) => `"k${i}":${i}`).join(',')}}`],
  ['100,000 times the same key', `{${STAMP},${Array.from({ length: 100_000 }, (_, i) => `"k":${i}`).join(',')}}`],
  [
    'a string of 1 MB',
    `{${STAMP},"event_type":"http","http":{"url":"/${'a?'.repeat(500_000)}","http_user_agent":"${'(('.repeat(500_000)}"}}`,
  ],
  [
    'a subject of 1 MB',
    `{${STAMP},"tls":{"subject":"${', O='.repeat(250_000)}"},"email":{"from":"${'<>'.repeat(500_000)}"}}`,
  ],
])('%s are no danger', (_, line) => {
  const projected = newRow();
  const document = documentOf(line);
  projectDocument(document, projected);
  expect(rowOf(line)).toEqual(projected);
  expect(field(line, 'event.original')).toBe(line);
});

test('a line nested deeper than memory allows is refused, not built', () => {
  const line = Buffer.from(`{${STAMP},"a":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`);
  const refused = suricataEve.row(line, 0, line.length, newRow());
  expect(refused).toMatchObject({ code: 'not_json', detail: expect.stringContaining('nested deeper') as string });
  expect(suricataEve.document(line, ORIGIN)).toEqual(refused);
});

test.each<[string, Reject['code']]>([
  ['', 'blank_line'],
  ['\0\0\r', 'blank_line'],
  ['[]', 'not_an_object'],
  ['{"a":1', 'not_json'],
  ['{}', 'no_timestamp'],
  ['{"timestamp":"2026-11-24"}', 'bad_timestamp'],
])('%j is refused as %s', (line, code) => {
  const bytes = Buffer.from(`xx${line}yy`);
  expect(suricataEve.row(bytes, 2, bytes.length - 2, newRow())?.code).toBe(code);
});

test('a reject tells the byte', () => {
  const bytes = Buffer.from(`{"å":"ø",${STAMP},"b":tru}`);
  expect(suricataEve.row(bytes, 0, bytes.length, newRow())?.detail).toContain(
    `Byte ${bytes.length - 1}: expected true`,
  );
});

/** Where a defect of Filebeat's mapping is mended: one line each. */
test.each<[string, string, Record<string, JsonValue>]>([
  [
    'DNS version 3',
    '"event_type":"dns","dns":{"version":3,"type":"response","rcode":"NXDOMAIN","queries":[{"rrname":"x.home.test","rrtype":"A"}]}',
    { 'dns.type': 'answer', 'dns.question.name': 'x.home.test', 'dns.response_code': 'NXDOMAIN' },
  ],
  [
    'a request of version 3 has no response code',
    '"event_type":"dns","dns":{"version":3,"type":"request","rcode":"NOERROR","queries":[]}',
    { 'dns.type': 'query', 'suricata.eve.dns.rcode': 'NOERROR' },
  ],
  ['VNC is not RDP', '"event_type":"rfb"', { 'network.protocol': 'rfb' }],
  ['FTP data is FTP', '"event_type":"ftp_data","app_proto":"ftp-data"', { 'network.protocol': 'ftp' }],
  [
    'names of techniques',
    '"event_type":"alert","alert":{"metadata":{"mitre_technique_id":["T1059"],"mitre_technique_name":["Command_And_Scripting_Interpreter"]}}',
    { 'threat.technique.id': ['T1059'], 'threat.technique.name': ['Command And Scripting Interpreter'] },
  ],
  [
    'hashes of files',
    '"event_type":"fileinfo","fileinfo":{"filename":"/a/b.exe","md5":"1","sha1":"2","sha256":"3","gaps":true}',
    {
      'file.hash.md5': '1',
      'file.hash.sha1': '2',
      'file.hash.sha256': '3',
      'file.name': 'b.exe',
      'related.hash': ['1', '2', '3'],
    },
  ],
  [
    'DHCP',
    '"event_type":"dhcp","dhcp":{"client_mac":"02:00:00:00:00:01","assigned_ip":"192.0.2.9","hostname":"pc"}',
    { 'client.mac': '02-00-00-00-00-01', 'client.ip': '192.0.2.9', 'client.domain': 'pc' },
  ],
  [
    'HASSH',
    '"event_type":"ssh","ssh":{"client":{"hassh":{"hash":"c"}},"server":{"hassh":{"hash":"s"}}}',
    { 'related.hash': ['c', 's'], 'suricata.eve.ssh.client.hassh.hash': 'c' },
  ],
  [
    'SMTP',
    '"event_type":"smtp","email":{"from":"Jo <jo@home.test>","subject":"Hi"},"smtp":{"mail_from":"<b@home.test>"}',
    { 'email.from.address': ['jo@home.test'], 'email.subject': 'Hi', 'email.sender.address': 'b@home.test' },
  ],
  [
    'QUIC',
    '"event_type":"quic","quic":{"sni":"home.test","ja4":"q13d","ja3":{"hash":"h"}}',
    {
      'tls.client.server_name': 'home.test',
      'destination.domain': 'home.test',
      'tls.client.ja4': 'q13d',
      'tls.client.ja3': 'h',
    },
  ],
  ['JA4', '"event_type":"tls","tls":{"ja4":"t13d"}', { 'tls.client.ja4': 't13d' }],
  [
    'anomalies',
    '"event_type":"anomaly","anomaly":{"type":"stream","event":"stream.pkt_bad"}',
    { 'event.code': 'stream.pkt_bad', message: 'stream.pkt_bad' },
  ],
  [
    'a comma in a name',
    '"event_type":"tls","tls":{"subject":"C=US, O=Acme U.S.A., INC., CN=x"}',
    { 'tls.server.x509.subject.organization': ['Acme U.S.A., INC.'], 'tls.server.x509.subject.common_name': ['x'] },
  ],
  [
    'an alert about TLS without TLS',
    '"event_type":"alert","app_proto":"tls","alert":{"signature":"x"}',
    { 'network.protocol': 'tls', 'rule.name': 'x' },
  ],
  [
    'gaps of a file stay a boolean',
    '"event_type":"fileinfo","fileinfo":{"gaps":true}',
    { 'suricata.eve.fileinfo.gaps': true },
  ],
  [
    'an answer has the bytes of the server',
    '"event_type":"alert","src_ip":"198.51.100.1","dest_ip":"10.0.0.1","flow":{"src_ip":"10.0.0.1","bytes_toserver":1,"bytes_toclient":2}',
    { 'source.bytes': 2, 'destination.bytes': 1 },
  ],
])('mended: %s', (_, members, expected) => {
  const document = documentOf(`{${STAMP},${members}}`);
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, getField(document, name)]))).toEqual(expected);
});

test('an event.response_code of a request is not set', () => {
  expect(
    field(`{${STAMP},"dns":{"type":"request","rcode":"NOERROR","queries":[]}}`, 'dns.response_code'),
  ).toBeUndefined();
});
