import type { MetricDeclaration, MetricKind } from './metric.ts';

export type Labels<L extends string> = Readonly<Record<L, string>>;

/** More label sets than this per metric go into one series named `overflow`: a flood of values cannot eat the memory. */
export const MAX_SERIES = 500;

/** The counters, gauges and histograms of one process. */
export interface Metrics {
  /** Adds to a counter (never negative) or a gauge. */
  add<L extends string>(
    metric: MetricDeclaration<'counter' | 'gauge', L>,
    amount?: number,
    ...labels: LabelArgument<L>
  ): void;
  /** Sets a gauge, or a counter whose total is kept elsewhere (the accounting in the store). */
  set<L extends string>(
    metric: MetricDeclaration<'counter' | 'gauge', L>,
    value: number,
    ...labels: LabelArgument<L>
  ): void;
  observe<L extends string>(
    metric: MetricDeclaration<'histogram', L>,
    value: number,
    ...labels: LabelArgument<L>
  ): void;
  /** Forgets all series of a metric: for gauges whose labels come and go. */
  clear(metric: MetricDeclaration): void;
  /** The value of a series (a histogram's count), or undefined. */
  value<L extends string>(metric: MetricDeclaration<MetricKind, L>, ...labels: LabelArgument<L>): number | undefined;
  /** Runs before each rendering, to set gauges from a status; returns the way to take it out again. */
  collect(collector: () => void): () => void;
  /** Prometheus text format 0.0.4. */
  render(): string;
}

type LabelArgument<L extends string> = [L] extends [never] ? [] : [labels: Labels<L>];

interface Series {
  labels: readonly string[];
  value: number;
  /** Of a histogram: cumulative on rendering only, one count per bucket here. */
  buckets: number[];
  count: number;
}

/** `Content-Type` of the text format. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function createMetrics(declarations: Iterable<MetricDeclaration>): Metrics {
  const families = new Map<MetricDeclaration, Map<string, Series>>();
  for (const metric of declarations) families.set(metric, new Map());
  const collectors = new Set<() => void>();

  function series(metric: MetricDeclaration, labels: Labels<string> | undefined): Series {
    const family = families.get(metric);
    if (!family) throw new Error(`metric ${metric.name} is not in the list`);
    let values = metric.labels.map((label) => labels?.[label] ?? '');
    let key = JSON.stringify(values);
    let found = family.get(key);
    if (found) return found;
    if (family.size >= MAX_SERIES) {
      values = metric.labels.map(() => 'overflow');
      key = JSON.stringify(values);
      found = family.get(key);
      if (found) return found;
    }
    found = { labels: values, value: 0, buckets: metric.buckets.map(() => 0), count: 0 };
    family.set(key, found);
    return found;
  }

  // Counters without labels exist from the start: a rate over a series that appears with its first increment would miss it.
  for (const metric of families.keys())
    if (metric.kind === 'counter' && metric.labels.length === 0) series(metric, undefined);

  return {
    add: (metric, amount = 1, ...[labels]) => {
      if (metric.kind === 'counter' && !(amount >= 0)) return;
      series(metric, labels).value += amount;
    },
    set: (metric, value, ...[labels]) => {
      series(metric, labels).value = value;
    },
    observe: (metric, value, ...[labels]) => {
      const one = series(metric, labels);
      one.value += value;
      one.count++;
      const bucket = metric.buckets.findIndex((bound) => value <= bound);
      if (bucket >= 0) one.buckets[bucket]!++;
    },
    clear: (metric) => families.get(metric)?.clear(),
    value: (metric, ...[labels]) => {
      const key = JSON.stringify(metric.labels.map((label) => (labels as Labels<string> | undefined)?.[label] ?? ''));
      const found = families.get(metric)?.get(key);
      return metric.kind === 'histogram' ? found?.count : found?.value;
    },
    collect: (collector) => {
      collectors.add(collector);
      return () => collectors.delete(collector);
    },
    render: () => {
      for (const collector of collectors) collector();
      let text = '';
      for (const [metric, family] of families) if (family.size > 0) text += renderFamily(metric, [...family.values()]);
      return text;
    },
  };
}

// Prometheus, "Exposition formats", text format 0.0.4: HELP escapes backslash and line feed, label values the double quote too.
const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');

function number(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

function line(name: string, labels: readonly [string, string][], value: number): string {
  const set = labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(',');
  return `${name}${set === '' ? '' : `{${set}}`} ${number(value)}\n`;
}

function renderFamily(metric: MetricDeclaration, all: readonly Series[]): string {
  let text = `# HELP ${metric.name} ${escapeHelp(metric.help)}\n# TYPE ${metric.name} ${metric.kind}\n`;
  for (const one of all) {
    const labels = metric.labels.map((label, i): [string, string] => [label, one.labels[i]!]);
    if (metric.kind !== 'histogram') {
      text += line(metric.name, labels, one.value);
      continue;
    }
    let below = 0;
    for (const [i, bound] of metric.buckets.entries()) {
      below += one.buckets[i]!;
      text += line(`${metric.name}_bucket`, [...labels, ['le', number(bound)]], below);
    }
    text += line(`${metric.name}_bucket`, [...labels, ['le', '+Inf']], one.count);
    text += line(`${metric.name}_sum`, labels, one.value);
    text += line(`${metric.name}_count`, labels, one.count);
  }
  return text;
}
