import { COLUMN_INDEX } from '../../event/columns.ts';
import { bareObject, type JsonObject } from '../../event/json.ts';
import { formatInstant, parseInstant } from '../../event/time.ts';
import { defineParser, type Reject } from '../parser.ts';

function parse(line: Buffer, start: number, end: number): Record<string, unknown> | Reject {
  try {
    const value: unknown = JSON.parse(line.toString('utf8', start, end));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { code: 'not_an_object', detail: '' };
  } catch (error) {
    return { code: 'not_json', detail: String(error) };
  }
}

/** Suricata's eve.json, versions 7 and 8. */
export const suricataEve = defineParser({
  id: 'suricata-eve',
  title: 'Suricata eve.json',
  dataset: 'suricata.eve',
  version: 1,
  row(bytes, start, end, row) {
    const eve = parse(bytes, start, end);
    if (typeof eve['code'] === 'string') return eve as unknown as Reject;
    const ts = typeof eve['timestamp'] === 'string' ? parseInstant(eve['timestamp']) : Number.NaN;
    if (Number.isNaN(ts)) return { code: 'bad_timestamp', detail: '' };
    row[COLUMN_INDEX.ts] = ts;
    row[COLUMN_INDEX.event_action] = typeof eve['event_type'] === 'string' ? eve['event_type'] : null;
    return null;
  },
  document(line, origin) {
    const eve = parse(line, 0, line.length);
    if (typeof eve['code'] === 'string') return eve as unknown as Reject;
    const ts = typeof eve['timestamp'] === 'string' ? parseInstant(eve['timestamp']) : Number.NaN;
    if (Number.isNaN(ts)) return { code: 'bad_timestamp', detail: '' };
    const document = bareObject();
    document['@timestamp'] = formatInstant(ts);
    document['event'] = { action: (eve['event_type'] as string | undefined) ?? null, original: line.toString(), ingested: formatInstant(origin.ingested) };
    document['suricata'] = { eve: eve as JsonObject };
    return document;
  },
});
