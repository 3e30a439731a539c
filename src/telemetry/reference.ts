import { EVENTS, type EventDeclaration } from './event-list.ts';
import { METRICS } from './metric-list.ts';
import type { MetricDeclaration } from './metric.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The whole of `docs/reference/telemetry.md`, from the two lists. */
export function renderTelemetryReference(): string {
  const metrics: MetricDeclaration[] = Object.values(METRICS);
  const events: EventDeclaration[] = Object.values(EVENTS);
  return [
    '# Metrics and events',
    '',
    'This page is generated from `src/telemetry/metric-list.ts` and `src/telemetry/event-list.ts`.',
    '',
    '## Metrics',
    '',
    '`GET /metrics` answers in the Prometheus text format 0.0.4. Names are `varde_<noun>_<unit>`, counters end in `_total`.',
    '',
    '| metric | kind | labels | meaning |',
    '|---|---|---|---|',
    ...metrics.map(
      (m) => `| \`${m.name}\` | ${m.kind} | ${m.labels.map((l) => `\`${l}\``).join(', ')} | ${cell(m.help)} |`,
    ),
    '',
    '## Events',
    '',
    'Each is one record in the log (`event` holds the name) and counts in `varde_telemetry_events_total`. A name is logged at most 120 times a',
    'minute; the next record then says in `suppressed` how many were only counted. `error` comes with its code and message.',
    '',
    '| event | level | message | fields |',
    '|---|---|---|---|',
    ...events.map((e) => {
      const fields = Object.entries(e.fields).map(([name, help]) => `\`${name}\`: ${help}`);
      return `| \`${e.name}\` | ${e.level} | ${cell(e.message)} | ${cell(fields.join('; '))} |`;
    }),
    '',
  ].join('\n');
}
