import { EVENT_COLUMNS, ORIGIN_COLUMNS, type Column } from '../../../event/columns.ts';

/** `docs/reference/sql.md`, from the columns of the store. */
export function renderSqlReference(): string {
  return [
    '# SQL',
    '',
    'This page is generated from `src/event/columns.ts`.',
    '',
    "`varde query --sql 'SELECT …'` and `POST /api/sql` answer one `SELECT` in the dialect of DuckDB, over two views. Nothing else is there: no",
    'file can be opened, nothing written, loaded or set, and an answer has at most 100,000 rows and 32 MB. Whole numbers beyond 2^53 come as text. A',
    'statement with a time range is fast, since segments outside of it are not read: `WHERE ts >= …` or `WHERE "@timestamp" >= …`; one that reads',
    '`original` decompresses every line in the range.',
    '',
    '```sql',
    "SELECT rule_name, count(*) AS n FROM events WHERE event_action = 'alert' GROUP BY ALL ORDER BY n DESC LIMIT 10;",
    'SELECT time_bucket(INTERVAL 1 hour, "@timestamp") AS hour, count(*) FROM events WHERE "@timestamp" > now() - INTERVAL 1 day GROUP BY ALL ORDER BY ALL;',
    'SELECT source_ip, count(DISTINCT destination_port) AS ports FROM events GROUP BY ALL ORDER BY ports DESC LIMIT 20;',
    "SELECT original->>'$.dns.rrname' FROM events WHERE event_action = 'dns' LIMIT 5;",
    'SELECT code, source, count(*) FROM quarantine GROUP BY ALL;',
    '```',
    '',
    '## View `events`',
    '',
    'One row per stored event; a column is null where the event lacks the field, or has something there that does not fit the type.',
    '',
    '| column | type | field | meaning |',
    '|---|---|---|---|',
    '| `@timestamp` | TIMESTAMP WITH TIME ZONE | `@timestamp` | Time of the event (the same as `ts`), shown in UTC. Quote the name. |',
    ...[...EVENT_COLUMNS, ...ORIGIN_COLUMNS].map(row),
    '',
    'Address columns come three times: the text, and as numbers for networks. `source_ip4 BETWEEN 167772160 AND 184549375` is `10.0.0.0/8`;',
    '`source_ip6` holds 32 hexadecimal digits, so that order and ranges of texts are those of addresses.',
    '',
    '## View `quarantine`',
    '',
    'One row per refused line that waits in the quarantine, the newest 100,000.',
    '',
    '| column | type | meaning |',
    '|---|---|---|',
    '| `time` | TIMESTAMP WITH TIME ZONE | When the line was refused. |',
    '| `source`, `parser`, `path` | VARCHAR | Where it came from, and who refused it. |',
    '| `file_id`, `file_offset`, `length` | VARCHAR, UBIGINT, UBIGINT | Its place: file identity, byte offset, bytes. |',
    '| `code`, `detail` | VARCHAR | Why: see [errors](errors.md). |',
    '| `line` | BLOB | The line, byte for byte; null where only its place was kept. `decode(line)` is its text. |',
    '',
  ].join('\n');
}

function row({ name, type, field, title }: Column): string {
  return `| \`${name}\` | ${type} | \`${field}\` | ${title} |`;
}
