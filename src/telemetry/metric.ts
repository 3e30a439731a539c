/**
 * What a metric is. The naming law: `varde_<noun>_<unit>` in base units, counters end in `_total`; a test holds every declaration to it.
 * Labels have few values (a source, a route, a status), never an address, a path of a log line or anything else that input chooses.
 */
export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** Units a name may end in. `info` and `state` are 1 or 0 and carry their meaning in the labels. */
export const METRIC_UNITS = [
  'bytes',
  'clients',
  'commits',
  'datagrams',
  'events',
  'files',
  'frames',
  'info',
  'lines',
  'messages',
  'packets',
  'ratio',
  'requests',
  'seconds',
  'segments',
  'state',
] as const;

export type MetricUnit = (typeof METRIC_UNITS)[number];

export interface MetricDeclaration<K extends MetricKind = MetricKind, L extends string = string> {
  name: string;
  kind: K;
  unit: MetricUnit;
  /** One sentence for people. */
  help: string;
  labels: readonly L[];
  /** Upper bounds of a histogram's buckets, rising; `+Inf` is added. */
  buckets: readonly number[];
}

type Declared<K extends MetricKind, L extends string> = MetricDeclaration<K, L>;

/** Something that only grows: `varde_<noun>_<unit>_total`. */
export function counter<const L extends string = never>(
  noun: string,
  unit: MetricUnit,
  help: string,
  labels: readonly L[] = [],
): Declared<'counter', L> {
  return { name: `${metricName(noun, unit)}_total`, kind: 'counter', unit, help, labels, buckets: [] };
}

/** Something that rises and falls: `varde_<noun>_<unit>`. */
export function gauge<const L extends string = never>(
  noun: string,
  unit: MetricUnit,
  help: string,
  labels: readonly L[] = [],
): Declared<'gauge', L> {
  return { name: metricName(noun, unit), kind: 'gauge', unit, help, labels, buckets: [] };
}

/** A distribution: `varde_<noun>_<unit>` with `_bucket`, `_sum` and `_count`. */
export function histogram<const L extends string = never>(
  noun: string,
  unit: MetricUnit,
  help: string,
  buckets: readonly number[],
  labels: readonly L[] = [],
): Declared<'histogram', L> {
  return { name: metricName(noun, unit), kind: 'histogram', unit, help, labels, buckets };
}

const metricName = (noun: string, unit: MetricUnit): string =>
  noun === '' ? `varde_${unit}` : `varde_${noun}_${unit}`;
