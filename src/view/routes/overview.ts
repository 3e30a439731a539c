import type { AskOptions, Questions, TimeRange } from '../../store/store.ts';
import type { Overview } from '../api.ts';
import { marked } from '../incomplete.ts';
import { json } from '../respond.ts';
import { defineRoute } from '../route.ts';

const BINS = 120;
const TOP = 10;
const ALERTS = 'event.kind:alert';

export const overview = defineRoute({
  method: 'GET',
  path: '/api/overview',
  question: 'overview',
  run: async ({ deps, state, params, signal, now }) => {
    const range = params.range(now);
    // Relative ranges move with each microsecond: tabs that ask within the same second get the same answer.
    const key = [range.from, range.to].map((time) => (time === null ? '' : Math.floor(time / 1e6))).join('/');
    const question = (shared: AbortSignal) => marked(shared, (ask) => askOverview(deps.questions(), range, ask));
    return json(await state.shared.ask(key, signal, question));
  },
});

/** All parts of the first screen, asked at once: the store answers them side by side. */
async function askOverview(questions: Questions, range: TimeRange, ask: AskOptions): Promise<Overview> {
  const began = performance.now();
  const top = (expression: string, field: string) => questions.top(expression, range, field, TOP, ask);
  const [byType, bySeverity, signatures, sources, destinations, ports, dns, sni, hosts] = await Promise.all([
    questions.timeline('*', range, 'event.action', BINS, ask),
    questions.timeline(ALERTS, range, 'event.severity', BINS, ask),
    top(ALERTS, 'rule.name'),
    top('*', 'source.ip'),
    top('*', 'destination.ip'),
    top('*', 'destination.port'),
    top('*', 'dns.question.name'),
    top('*', 'tls.client.server_name'),
    top('*', 'url.domain'),
  ]);
  return {
    from: range.from ?? byType.from,
    to: range.to ?? byType.from + byType.bin * byType.bins,
    events_by_type: byType,
    alerts_by_severity: bySeverity,
    totals: {
      events: byType.total,
      alerts: bySeverity.total,
      sources: sources.distinct,
      destinations: destinations.distinct,
      signatures: signatures.distinct,
    },
    top: { signatures, sources, destinations, ports, dns, sni, hosts },
    took_ms: Math.round(performance.now() - began),
  };
}
