/** One question of the page: as it asks the station, and the same in the baseline's SQL (over the same events). */
export interface PageQuestion {
  name: string;
  kind: 'aggregate' | 'list' | 'raw' | 'other';
  path: string;
  parameters: Record<string, string>;
  /** Absent where the table of the baseline could not answer it. */
  sql?: string;
  /** Picks from both answers what must be equal. */
  same?: { varde: (text: string) => number; sqlite: (answer: { rows: number; first: unknown }) => number };
}

export interface Samples {
  /** Values from the data: of a busy and of a rare kind. */
  source: string;
  flowEvent: string;
  flowId: string;
  from: number;
  to: number;
}

const first = (column: string) => (answer: { first: unknown }) =>
  Number((answer.first as Record<string, unknown> | null)?.[column] ?? 0);
const rowsOf = (answer: { rows: number }): number => answer.rows;
const topCount = (text: string): number => (JSON.parse(text) as { values: { count: number }[] }).values[0]?.count ?? 0;
/** Rows of a streamed list. */
const listed = (text: string): number =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{"rows"'))
    .reduce((sum, line) => sum + (JSON.parse(line) as { rows: unknown[] }).rows.length, 0);

const LIST_COLUMNS =
  'event.action,event.severity,source.ip,source.port,destination.ip,destination.port,network.protocol,rule.name';
const LIST_SQL =
  'SELECT ts, event_type, severity, src_ip, src_port, dest_ip, dest_port, app_proto, signature FROM events';
const RARE_NAME = 'site-3987.invalid';

function top(
  field: string,
  column: string,
  q = '*',
  where = `${column} IS NOT NULL`,
): Pick<PageQuestion, 'kind' | 'path' | 'parameters' | 'sql' | 'same'> {
  return {
    kind: 'aggregate',
    path: '/api/top',
    parameters: { q, field, limit: '10' },
    sql: `SELECT ${column}, count(*) AS n FROM events WHERE ${where} GROUP BY 1 ORDER BY n DESC LIMIT 10`,
    same: { varde: topCount, sqlite: first('n') },
  };
}

function list(q: string, where: string): Pick<PageQuestion, 'kind' | 'path' | 'parameters' | 'sql' | 'same'> {
  return {
    kind: 'list',
    path: '/api/events',
    parameters: { q, columns: LIST_COLUMNS, limit: '100' },
    sql: `${LIST_SQL} ${where === '' ? '' : `WHERE ${where} `}ORDER BY ts DESC LIMIT 100`,
    same: { varde: listed, sqlite: rowsOf },
  };
}

/** Every question that Overview and Events ask, over the range of the samples. */
export function pageQuestions(samples: Samples): PageQuestion[] {
  const bins = 120;
  const width = Math.ceil((samples.to - samples.from) / bins);
  const timeline = (
    by: string,
    column: string,
    q: string,
    where: string,
  ): Pick<PageQuestion, 'kind' | 'path' | 'parameters' | 'sql' | 'same'> => ({
    kind: 'aggregate',
    path: '/api/timeline',
    parameters: { q, by, bins: String(bins) },
    sql: `SELECT bin, ${column}, n, sum(n) OVER () AS total FROM (SELECT ts / ${width} AS bin, ${column}, count(*) AS n FROM events ${where} GROUP BY 1, 2)`,
    same: { varde: (text) => (JSON.parse(text) as { total: number }).total, sqlite: first('total') },
  });
  const questions: PageQuestion[] = [
    { name: 'overview, the whole first screen', kind: 'other', path: '/api/overview', parameters: {} },
    { name: 'events over time by type', ...timeline('event.action', 'event_type', '*', '') },
    {
      name: 'alerts over time by severity',
      ...timeline('event.severity', 'severity', 'event_type:alert', "WHERE event_type = 'alert'"),
    },
    { name: 'top signatures', ...top('rule.name', 'signature') },
    { name: 'top sources', ...top('source.ip', 'src_ip') },
    { name: 'top destinations', ...top('destination.ip', 'dest_ip') },
    { name: 'top ports', ...top('destination.port', 'dest_port') },
    { name: 'top DNS names', ...top('dns.question.name', 'rrname') },
    { name: 'top TLS names', ...top('tls.client.server_name', 'sni') },
    { name: 'top HTTP hosts', ...top('url.domain', 'hostname') },
    {
      name: 'top sources of alerts',
      ...top('source.ip', 'src_ip', 'event_type:alert', "event_type = 'alert'"),
    },
    {
      name: 'count of a filter',
      kind: 'aggregate',
      path: '/api/count',
      parameters: { q: `source.ip:${quote(samples.source)} AND destination.port:443` },
      sql: `SELECT count(*) AS n FROM events WHERE src_ip = '${samples.source}' AND dest_port = 443`,
      same: { varde: (text) => (JSON.parse(text) as { count: number }).count, sqlite: first('n') },
    },
    { name: 'newest 100 events', ...list('*', '') },
    { name: 'newest 100 alerts', ...list('event_type:alert', "event_type = 'alert'") },
    { name: 'newest 100 of one source', ...list(`source.ip:${quote(samples.source)}`, `src_ip = '${samples.source}'`) },
    {
      name: 'newest 100 severe alerts of one source',
      ...list(
        `event.severity:1 AND source.ip:${quote(samples.source)}`,
        `severity = 1 AND src_ip = '${samples.source}'`,
      ),
    },
    { name: 'newest 100 of a network', ...list('source.ip:192.168.1.0/24', "src_ip LIKE '192.168.1.%'") },
    { name: 'newest 100 of a rare name', ...list(`dns.question.name:*${RARE_NAME}`, `rrname LIKE '%${RARE_NAME}'`) },
    {
      name: 'completion of a value',
      kind: 'other',
      path: '/api/values',
      parameters: { field: 'rule.name', prefix: 'VARDE' },
    },
    { name: 'one event in full', kind: 'other', path: '/api/event', parameters: { id: samples.flowEvent } },
    {
      name: 'neighbours of an event',
      kind: 'list',
      path: '/api/neighbours',
      parameters: { id: samples.flowEvent, limit: '100' },
      sql: `${LIST_SQL} WHERE flow_id = ${samples.flowId} ORDER BY ts LIMIT 100`,
      same: { varde: (text) => (JSON.parse(text) as { flow: unknown[] }).flow.length, sqlite: rowsOf },
    },
    { name: 'raw text, a frequent word', ...list('wp-login', "raw LIKE '%wp-login%'"), kind: 'raw' },
    {
      name: 'raw text, no match: reads everything',
      ...list('"varde finds nothing here"', "raw LIKE '%varde finds nothing here%'"),
      kind: 'raw',
    },
  ];
  return questions;
}

/** An IPv6 address holds colons, which the search language wants quoted. */
function quote(value: string): string {
  return `"${value}"`;
}
