import { NO_VALUE, OTHER } from '../../src/event/series-names.ts';
import type { TimelineAnswer } from '../../src/view/api.ts';

/** One series of a chart as it is drawn. */
export interface Series {
  /** Value of the field, for the link; null where the series has no single one: events without the field, or "other". */
  value: string | null;
  label: string;
  /** Token of its colour. */
  colour: string;
  counts: number[];
  total: number;
}

const TYPE_COLOURS = new Map([
  ['alert', '--series-alert'],
  ['anomaly', '--series-anomaly'],
  ['dns', '--series-dns'],
  ['http', '--series-http'],
  ['tls', '--series-tls'],
  ['flow', '--series-flow'],
  ['fileinfo', '--series-file'],
]);

/** Colour of an event type, the same on every page; types without one of their own are grey. */
export function typeColour(type: string): string {
  return TYPE_COLOURS.get(type) ?? '--series-other';
}

const SEVERITY_WORDS = new Map([
  ['1', 'high'],
  ['2', 'medium'],
  ['3', 'low'],
  ['4', 'info'],
]);

/** Suricata's severities (1 is the worst) in a word. */
export function severityWord(severity: string | number | null): string {
  return SEVERITY_WORDS.get(String(severity)) ?? 'none';
}

export function severityColour(severity: string | number | null): string {
  const level = Number(severity);
  return level >= 1 && level <= 3 ? `--sev${level}` : '--sev4';
}

function sum(counts: number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}

function addUp(lists: number[][], bins: number): number[] {
  const all = Array.from({ length: bins }, () => 0);
  for (const counts of lists) for (let i = 0; i < bins; i++) all[i]! += counts[i] ?? 0;
  return all;
}

/** Event types in a fixed order; those without a colour of their own are one grey series. */
export function byType(answer: TimelineAnswer): Series[] {
  const known: Series[] = [];
  for (const [type, colour] of TYPE_COLOURS) {
    const found = answer.series.find(({ name }) => name === type);
    if (found) known.push({ value: type, label: type, colour, counts: found.counts, total: sum(found.counts) });
  }
  const rest = answer.series.filter(({ name }) => !TYPE_COLOURS.has(name));
  if (rest.length === 0) return known;
  const counts = addUp(
    rest.map((series) => series.counts),
    answer.bins,
  );
  // A single one has its name, only a mixture is "other".
  const single = rest.length === 1 ? valueOf(rest[0]!.name) : null;
  return [...known, { value: single, label: single ?? 'other', colour: '--series-other', counts, total: sum(counts) }];
}

/** The value that a series of the store stands for; null where it stands for none. */
function valueOf(name: string): string | null {
  return name === NO_VALUE || name === OTHER ? null : name;
}

/** Severities, worst first (so at the bottom of the stack, on the zero line). */
export function bySeverity(answer: TimelineAnswer): Series[] {
  return answer.series
    .map(({ name, counts }) => ({
      value: valueOf(name),
      label: name === NO_VALUE ? 'none' : name === OTHER ? 'other' : `${name} ${severityWord(name)}`,
      colour: severityColour(name),
      counts,
      total: sum(counts),
    }))
    .sort((a, b) => (Number(a.value) || 99) - (Number(b.value) || 99));
}

/** What uPlot draws: times in seconds, then the stacked heights, the tallest first so that the lower ones are painted over it. */
export function stacked(answer: TimelineAnswer, series: Series[]): [number[], ...number[][]] {
  const times = Array.from({ length: answer.bins }, (_, i) => (answer.from + i * answer.bin) / 1e6);
  const heights: number[][] = [];
  let below = Array.from({ length: answer.bins }, () => 0);
  for (const { counts } of series) {
    below = below.map((height, i) => height + (counts[i] ?? 0));
    heights.push(below);
  }
  return [times, ...heights.toReversed()];
}
