import { csvHeader, csvRecord, type CsvCell } from '../../base/csv.ts';
import { formatInstant } from '../../event/time.ts';
import type { EventRow, ScannedEvent } from '../../store/store.ts';
import { documentJson } from '../document-json.ts';
import { defineRoute } from '../route.ts';
import { NDJSON_TYPE, streamResponse } from '../stream.ts';
import { DEFAULT_COLUMNS } from './events.ts';

const TYPES = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: NDJSON_TYPE,
  // Bytes of log lines: never shown as a page, whatever stands in them.
  raw: 'application/octet-stream',
} as const;

const ENDINGS = { csv: 'csv', ndjson: 'ndjson', raw: 'log' } as const;

/** The whole result as a download. CSV has the asked columns, NDJSON them or (none asked) the whole documents, raw the lines byte for byte. */
export const exportEvents = defineRoute({
  method: 'GET',
  path: '/api/export',
  question: 'export',
  run: (call) => {
    const { params, deps } = call;
    const format = params.choice('format', ['csv', 'ndjson', 'raw'], 'ndjson');
    const columns = params.columns([]);
    const asked = {
      columns: columns.length > 0 ? columns : [...DEFAULT_COLUMNS],
      limit: params.int('limit', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }),
      raw: format === 'raw',
      document: format === 'ndjson' && columns.length === 0,
      order: params.choice('sort', ['newest', 'oldest'], 'newest'),
    };
    const expression = params.expression();
    const range = params.range(call.now);
    const stamp = new Date(call.now).toISOString().replace(/[-:]|\.\d+/g, '');
    const headers = { 'content-disposition': `attachment; filename="varde-events-${stamp}.${ENDINGS[format]}"` };
    // A download that ends early without a word would be taken for the whole: the connection is broken instead.
    const options = { type: TYPES[format], route: '/api/export', headers, failure: () => null };
    return streamResponse(call, options, async function* (signal) {
      if (format === 'csv') yield csvHeader(asked.columns);
      for await (const batch of deps.questions().scan(expression, range, asked, { signal })) {
        if (format === 'csv')
          yield batch.map(({ row }) => csvRecord(asked.columns.map((name) => csvValue(row, name)))).join('');
        else if (format === 'raw') yield Buffer.concat(batch.flatMap(({ line }) => (line ? [line, NEWLINE] : [])));
        else yield batch.map((event) => ndjson(event, asked)).join('');
      }
    });
  },
});

const NEWLINE = Buffer.from('\n');

/** The time as text with all its microseconds: a spreadsheet cannot show a number of 16 digits. */
function csvValue(row: EventRow, name: string): CsvCell {
  if (name === '@timestamp' || name === 'ts') return formatInstant(row.ts);
  return Object.hasOwn(row, name) ? row[name] : null;
}

function ndjson({ row, document }: ScannedEvent, asked: { columns: readonly string[]; document: boolean }): string {
  if (asked.document && document !== undefined) {
    return `${documentJson(document, { bigints: 'digits', maxDepth: 1000 })}\n`;
  }
  const out = Object.create(null) as Record<string, unknown>;
  for (const name of asked.columns)
    out[name] = name === '@timestamp' ? formatInstant(row.ts) : Object.hasOwn(row, name) ? row[name] : null;
  return `${JSON.stringify(out)}\n`;
}
