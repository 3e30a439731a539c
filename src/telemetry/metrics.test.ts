import { describe, expect, it } from 'vitest';
import { METRIC_UNITS, counter, gauge, histogram } from './metric.ts';
import { METRICS } from './metric-list.ts';
import { MAX_SERIES, createMetrics } from './metrics.ts';

const requests = counter('http', 'requests', 'Requests \\ answered,\nby route.', ['route']);
const plain = counter('plain', 'events', 'Plain.');
const level = gauge('level', 'bytes', 'Level.');
const took = histogram('took', 'seconds', 'Took.', [0.1, 1], ['kind']);
const lab = () => createMetrics([requests, plain, level, took]);

describe('text format', () => {
  it('escapes help and label values as the format asks', () => {
    const metrics = lab();
    metrics.add(requests, 2, { route: 'a"b\\c\nd' });
    expect(metrics.render()).toContain(
      '# HELP varde_http_requests_total Requests \\\\ answered,\\nby route.\n# TYPE varde_http_requests_total counter\nvarde_http_requests_total{route="a\\"b\\\\c\\nd"} 2\n',
    );
  });

  it('shows a counter without labels from the start, anything else once it has a value', () => {
    expect(lab().render()).toBe(
      '# HELP varde_plain_events_total Plain.\n# TYPE varde_plain_events_total counter\nvarde_plain_events_total 0\n',
    );
  });

  it('writes cumulative buckets, sum and count', () => {
    const metrics = lab();
    for (const value of [0.1, 0.5, 7]) metrics.observe(took, value, { kind: 'x' });
    expect(metrics.render()).toContain(
      [
        '# TYPE varde_took_seconds histogram',
        'varde_took_seconds_bucket{kind="x",le="0.1"} 1',
        'varde_took_seconds_bucket{kind="x",le="1"} 2',
        'varde_took_seconds_bucket{kind="x",le="+Inf"} 3',
        'varde_took_seconds_sum{kind="x"} 7.6',
        'varde_took_seconds_count{kind="x"} 3',
      ].join('\n'),
    );
  });

  it('writes infinities and NaN as the format names them', () => {
    const metrics = lab();
    for (const [value, text] of [
      [Infinity, '+Inf'],
      [-Infinity, '-Inf'],
      [NaN, 'NaN'],
    ] as const) {
      metrics.set(level, value);
      expect(metrics.render()).toContain(`varde_level_bytes ${text}\n`);
    }
  });
});

describe('registry', () => {
  it('never lowers a counter', () => {
    const metrics = lab();
    metrics.add(plain, 5);
    metrics.add(plain, -3);
    metrics.add(plain, NaN);
    expect(metrics.value(plain)).toBe(5);
  });

  it('bounds the series of a metric', () => {
    const metrics = lab();
    for (let i = 0; i < MAX_SERIES + 50; i++) metrics.add(requests, 1, { route: `r${i}` });
    expect(metrics.value(requests, { route: 'overflow' })).toBe(50);
    expect(metrics.render().split('\n').length).toBeLessThan(MAX_SERIES + 10);
  });

  it('runs collectors before each rendering until they are taken out', () => {
    const metrics = lab();
    let runs = 0;
    const remove = metrics.collect(() => metrics.set(level, ++runs));
    expect(metrics.render()).toContain('varde_level_bytes 1\n');
    expect(metrics.render()).toContain('varde_level_bytes 2\n');
    remove();
    expect(metrics.render()).toContain('varde_level_bytes 2\n');
  });

  it('forgets cleared series', () => {
    const metrics = lab();
    metrics.set(level, 1);
    metrics.clear(level);
    expect(metrics.render()).not.toContain('varde_level');
  });
});

describe('the list', () => {
  it('follows the naming law', () => {
    const names = new Set<string>();
    for (const metric of Object.values(METRICS)) {
      const suffix = metric.kind === 'counter' ? `_${metric.unit}_total` : `_${metric.unit}`;
      expect(metric.name).toMatch(/^varde(?:_[a-z][a-z0-9]*)+$/);
      expect(metric.name.endsWith(suffix), metric.name).toBe(true);
      expect(METRIC_UNITS).toContain(metric.unit);
      expect(metric.help, metric.name).toMatch(/^[A-Z1].{10,}\.$/);
      for (const label of metric.labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
      expect([...metric.buckets].sort((a, b) => a - b)).toEqual(metric.buckets);
      expect(names.has(metric.name), `${metric.name} stands twice`).toBe(false);
      names.add(metric.name);
    }
  });
});
