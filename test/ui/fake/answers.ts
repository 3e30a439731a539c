import { bareObject, type JsonObject, type JsonValue } from '../../../src/event/json.ts';
import { NO_VALUE } from '../../../src/event/series-names.ts';
import { compileQuery } from '../../../src/search/evaluate.ts';
import { parseQuery } from '../../../src/search/grammar.ts';
import { shownValue } from '../../../src/search/lookup.ts';
import type { EmptyReason, EventRow, Overview, TimelineAnswer, TopAnswer } from '../../../src/view/api.ts';
import type { FakeEvent } from './day.ts';

export interface Asked {
  q: string;
  from: number | null;
  to: number | null;
}

export function lineOf(event: FakeEvent): string {
  return (
    event.line ??
    JSON.stringify({ timestamp: event.fields['@timestamp'], event_type: event.fields['event.action'], ...event.fields })
  );
}

/** The ECS document as a tree, made once. Keys that are no paths stay as they are. */
export function documentOf(event: FakeEvent): JsonObject {
  return (event.document ??= nested(event.fields));
}

export function nested(flat: Record<string, JsonValue>): JsonObject {
  const root = bareObject();
  for (const [path, value] of Object.entries(flat)) {
    const names = /^[@\w]+(?:\.\w+)*$/.test(path) ? path.split('.') : [path];
    let at = root;
    for (const name of names.slice(0, -1)) {
      const inner = at[name];
      at = typeof inner === 'object' && inner !== null ? (inner as JsonObject) : (at[name] = bareObject());
    }
    at[names.at(-1)!] = value;
  }
  return root;
}

/** Whether an event belongs to what was asked. */
export function matcherOf(asked: Asked): (event: FakeEvent) => boolean {
  const { query } = parseQuery(asked.q || '*');
  const matches = compileQuery(query);
  const { from, to } = asked;
  return (event) =>
    (from === null || event.ts >= from) &&
    (to === null || event.ts < to) &&
    (query.type === 'all' || matches(documentOf(event), lineOf(event)));
}

export function rowOf(event: FakeEvent, columns: readonly string[]): EventRow {
  const row = Object.create(null) as EventRow;
  row.id = event.id;
  row.ts = event.ts;
  for (const column of columns)
    if (column !== 'id' && column !== 'ts') row[column] = shownValue(documentOf(event), column);
  return row;
}

const WIDTHS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800].map(
  (secs) => secs * 1e6,
);

export function timelineOf(
  events: readonly FakeEvent[],
  asked: Asked,
  by: string,
  wanted: number,
  now: number,
): TimelineAnswer {
  const first = asked.from ?? events[0]?.ts ?? now - 1;
  const last = asked.to ?? now;
  const bin = WIDTHS.find((width) => (last - first) / width <= wanted) ?? Math.ceil((last - first) / wanted);
  const from = Math.floor(first / bin) * bin;
  const bins = Math.max(1, Math.ceil((last - from) / bin));
  const series = new Map<string, number[]>();
  for (const event of events) {
    const name = String(shownValue(documentOf(event), by) ?? NO_VALUE);
    let counts = series.get(name);
    if (!counts) series.set(name, (counts = Array.from({ length: bins }, () => 0)));
    const at = Math.min(bins - 1, Math.floor((event.ts - from) / bin));
    counts[at]!++;
  }
  const sum = (counts: number[]): number => counts.reduce((all, count) => all + count, 0);
  return {
    from,
    bin,
    bins,
    series: [...series].map(([name, counts]) => ({ name, counts })).sort((a, b) => sum(b.counts) - sum(a.counts)),
    total: events.length,
  };
}

export function topOf(events: readonly FakeEvent[], field: string, limit: number): TopAnswer {
  const counts = new Map<string | number, number>();
  let withField = 0;
  for (const event of events) {
    const value = shownValue(documentOf(event), field);
    if (value === null) continue;
    withField++;
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const values = [...counts].sort((a, b) => b[1] - a[1] || (String(a[0]) < String(b[0]) ? -1 : 1));
  return {
    values: values.slice(0, limit).map(([value, count]) => ({ value, count })),
    with_field: withField,
    distinct: counts.size,
  };
}

export function overviewOf(events: readonly FakeEvent[], asked: Asked, now: number): Overview {
  const alerts = events.filter(({ fields }) => fields['event.action'] === 'alert');
  const top = (field: string): TopAnswer => topOf(events, field, 10);
  const [sources, destinations, signatures] = [top('source.ip'), top('destination.ip'), top('rule.name')];
  return {
    from: asked.from ?? events[0]?.ts ?? now,
    to: asked.to ?? now,
    events_by_type: timelineOf(events, asked, 'event.action', 150, now),
    alerts_by_severity: timelineOf(alerts, asked, 'event.severity', 75, now),
    totals: {
      events: events.length,
      alerts: alerts.length,
      sources: sources.distinct,
      destinations: destinations.distinct,
      signatures: signatures.distinct,
    },
    top: {
      signatures,
      sources,
      destinations,
      ports: top('destination.port'),
      dns: top('dns.question.name'),
      sni: top('tls.client.server_name'),
      hosts: top('url.domain'),
    },
    took_ms: 12,
  };
}

export function nearestOf(all: readonly FakeEvent[], asked: Asked): { before: number | null; after: number | null } {
  const matches = matcherOf({ q: asked.q, from: null, to: null });
  let before: number | null = null;
  let after: number | null = null;
  for (const event of all) {
    if (!matches(event)) continue;
    if (asked.from !== null && event.ts < asked.from) before = event.ts;
    if (asked.to !== null && event.ts >= asked.to && after === null) after = event.ts;
  }
  return { before, after };
}

export function whyEmpty(all: readonly FakeEvent[], asked: Asked): EmptyReason {
  if (all.length === 0) return { reason: 'no_events', sources: [] };
  const inRange = all.filter(matcherOf({ ...asked, q: '*' })).length;
  if (inRange > 0) return { reason: 'none_match', in_range: inRange, nearest: nearestOf(all, asked) };
  return { reason: 'none_in_range', nearest: nearestOf(all, { ...asked, q: '*' }), source_late: null };
}
