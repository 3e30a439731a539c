/** For tests: a small corpus of real and odd lines in a real store, and the same events as documents. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatEventId } from '../../../event/event-id.ts';
import type { JsonObject } from '../../../event/json.ts';
import { COLUMN_INDEX } from '../../../event/columns.ts';
import { clearRow, newRow } from '../../../event/row.ts';
import { type Parser, isReject } from '../../../parse/parser.ts';
import { PARSERS } from '../../../parse/parsers.ts';
import type { Batch, Store } from '../../store.ts';
import { createDuckdbStore } from '../duckdb-store.ts';
import { type TestFolder, fileRecord, testOptions } from '../test-store.ts';

export interface CorpusEvent {
  id: string;
  ts: number;
  line: Buffer;
  text: string;
  document: JsonObject;
}

const FIXTURES = new URL('../../../parse/', import.meta.url).pathname;

/** Lines that columns, document and raw text could see differently. */
const ODD = [
  '{"timestamp":"2026-11-24T10:00:00.000001+0000","event_type":"alert","src_ip":"10.1.2.3","src_port":70000,"dest_port":-1,"proto":"TCP","flow_id":18446744073709551615,"alert":{"signature_id":4294967296,"signature":"","severity":"1","gid":1}}',
  '{"timestamp":"2026-11-24T10:00:00.000001+0000","event_type":"alert","flow_id":1,"flow_id":2,"src_ip":"::ffff:10.1.2.3","dest_ip":"2001:DB8:0:0::1","alert":{"action":"allowed","action":"blocked","rev":1,"rev":2}}',
  '{"timestamp":"2026-11-24T10:00:01Z","event_type":"HTTP","http":{"hostname":"M\\u00fcller.example","url":"\\/a\\/b?c=%41","status":404,"http_user_agent":"\\ud800 half"},"x":{"y.z":"q","big":123456789012345678901234567890,"e":1e3,"f":1.50,"neg":-7}}',
  '{"timestamp":"2026-11-24T10:00:01Z","event_type":"http","http":{"hostname":"Müller.example","url":"/a/b?c=A","status":"404"},"x":{"y":{"z":["q",["r"]]},"empty":"","nul":null,"yes":true}}',
  '{"timestamp":"1970-01-01T00:00:00.000000Z","event_type":"Straße İΣς","odd":"\\u0041\\u005c","esc":"ev\\u0069l","longk\\u0065y":7,"text":"100%_\\\\*?"}',
  '{"timestamp":"2199-12-31T23:59:59.999999Z","event_type":"dns","dns":{"version":3,"type":"request","queries":[{"rrname":"one.example","rrtype":"A"},{"rrname":"two.example","rrtype":"AAAA"}]}}',
  '\ufeff{"timestamp":"2026-11-24T10:00:02Z","event_type":"bom","odd_letters":"\u212aelvin İstanbul mi\u017f\u017fing_under"}',
  '{"timestamp":"2026-11-24T10:00:02Z","event_type":"tls","tls":{"sni":"a.example","version":"TLS 1.3","chain":["AA","BB"],"subject":"CN=a, O=\\"b\\""},"__proto__":{"polluted":"yes"},"a":"1","b":["2",3,true]}',
];

/** A line that is no UTF-8, in Latin-1. */
const LATIN1 = Buffer.from(
  '{"timestamp":"2026-11-24T10:00:03Z","event_type":"alert","src_ip":"10.9.9.9","alert":{"signature":"Gr\xfc\xdfe","rev":9}}',
  'latin1',
);

async function corpusLines(): Promise<{ parser: Parser; lines: Buffer[] }[]> {
  const eve: Buffer[] = [...ODD.map((line) => Buffer.from(line)), LATIN1];
  for (const version of ['v7', 'v8']) {
    const folder = join(FIXTURES, 'suricata-eve/fixtures', version);
    for (const name of (await readdir(folder)).filter((file) => file.endsWith('.log')).sort()) {
      // A few of each type: what matters is variety.
      eve.push(...split(await readFile(join(folder, name))).slice(0, 6));
    }
  }
  const fast = split(await readFile(join(FIXTURES, 'suricata-fast/fixtures/day.log'))).slice(0, 20);
  return [
    { parser: PARSERS.get('suricata-eve')!, lines: eve },
    { parser: PARSERS.get('suricata-fast')!, lines: fast },
  ];
}

function split(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    if (end > start) lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/** Opens a store and fills it in several commits, so that there are fresh segments and merged ones whose times overlap. */
export async function openCorpus(folder: TestFolder): Promise<{ store: Store; events: CorpusEvent[] }> {
  const store = createDuckdbStore(testOptions(folder));
  await store.open();
  const events: CorpusEvent[] = [];
  for (const [i, { parser, lines }] of (await corpusLines()).entries()) {
    const id = `${i}`.repeat(16);
    let position = 0;
    for (let start = 0; start < lines.length; start += 60) {
      const batch = store.batch();
      position = fill(batch, parser, id, lines.slice(start, start + 60), position, events);
      await store.commit(batch);
      if (start === 60) await store.flush();
    }
  }
  return { store, events };
}

function fill(
  batch: Batch,
  parser: Parser,
  id: string,
  lines: readonly Buffer[],
  start: number,
  events: CorpusEvent[],
): number {
  const record = { ...fileRecord(id), parser: parser.id };
  let position = start;
  for (const line of lines) {
    const row = newRow();
    clearRow(row);
    const reject = parser.row(line, 0, line.length, row);
    if (reject === null) {
      batch.add(record, parser, row, line, 0, line.length, position);
      const ts = Number(row[COLUMN_INDEX.ts]);
      const origin = { fileId: id, path: record.path, offset: position, ingested: 0, source: record.source };
      const document = parser.document(line, origin);
      if (isReject(document)) throw new Error(`document refuses what row took: ${line.toString()}`);
      events.push({
        id: formatEventId({ file_id: id, offset: position, ts }),
        ts,
        line,
        text: line.toString('utf8'),
        document,
      });
    }
    position += line.length + 1;
  }
  batch.advance({ ...record, position, lines_read: 0, events_stored: 0 });
  return position;
}

/** Newest first, then by file and offset: the order of lists. */
export function inOrder(events: readonly CorpusEvent[]): CorpusEvent[] {
  const place = (event: CorpusEvent): [string, number] => [event.id.split('-')[0]!, Number(event.id.split('-')[1])];
  return events.toSorted((a, b) => {
    const [fileA, offsetA] = place(a);
    const [fileB, offsetB] = place(b);
    return b.ts - a.ts || (fileA < fileB ? -1 : fileA > fileB ? 1 : offsetA - offsetB);
  });
}
