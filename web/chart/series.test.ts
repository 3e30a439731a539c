import { expect, test } from 'vitest';
import { NO_VALUE, OTHER } from '../../src/event/series-names.ts';
import { severityExpression } from '../page/overview/links.ts';
import { bySeverity, byType, stacked } from './series.ts';
import { timeLabels } from './ticks.ts';

const answer = (series: Record<string, number[]>) => ({
  from: 1_000_000,
  bin: 60_000_000,
  bins: 2,
  series: Object.entries(series).map(([name, counts]) => ({ name, counts })),
  total: 0,
});

test('types stand in one order, and what has no colour of its own is grey together', () => {
  const found = byType(answer({ smb: [1, 2], dns: [5, 0], alert: [1, 1], dcerpc: [3, 0] }));
  expect(found.map(({ label, total }) => [label, total])).toEqual([
    ['alert', 2],
    ['dns', 5],
    ['other', 6],
  ]);
  expect(byType(answer({ smb: [1, 2] }))[0]).toMatchObject({ label: 'smb', value: 'smb' });
  for (const name of [NO_VALUE, OTHER])
    expect(byType(answer({ dns: [1, 0], [name]: [1, 2] }))[1]).toMatchObject({ label: 'other', value: null });
});

test('severities stand worst first, each with a word', () => {
  const found = bySeverity(answer({ '3': [1, 0], [NO_VALUE]: [1, 0], '1': [0, 2] }));
  expect(found.map(({ label }) => label)).toEqual(['1 high', '3 low', 'none']);
});

test('the link of a severity leads to its alerts, also where there is no single value', () => {
  const found = bySeverity(answer({ '1': [0, 2], [NO_VALUE]: [1, 0], [OTHER]: [1, 0] }));
  expect(found.map((one) => severityExpression(one, found))).toEqual([
    'event.kind:alert AND event.severity:1',
    'event.kind:alert AND NOT event.severity:*',
    'event.kind:alert AND event.severity:* AND NOT event.severity:(1)',
  ]);
});

test('stacked heights come tallest first and add up', () => {
  const all = answer({ alert: [1, 0], dns: [5, 2] });
  expect(stacked(all, byType(all))).toEqual([
    [1, 61],
    [6, 2],
    [1, 0],
  ]);
});

test('a time axis names the day where it begins and the time elsewhere', () => {
  const at = (hour: number): number => new Date(2026, 10, 24, hour).getTime() / 1000;
  expect(timeLabels([at(-2), at(0), at(2)], 7200)).toEqual(['22:00', '24 Nov', '02:00']);
  expect(timeLabels([at(0), at(24)], 86_400)).toEqual(['24 Nov', '25 Nov']);
});
