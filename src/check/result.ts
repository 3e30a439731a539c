import { cutText, visibleText } from '../base/text-safe.ts';
import { alerts, type Range } from './range.ts';

/** Exit codes of a plugin (Monitoring Plugins Development Guidelines, "Plugin Return Codes"). */
export const OK = 0;
export const WARNING = 1;
export const CRITICAL = 2;
export const UNKNOWN = 3;

export type State = typeof OK | typeof WARNING | typeof CRITICAL | typeof UNKNOWN;

export const STATE_NAMES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** From harmless to bad. What is not known is worse than good and better than what is known to be wrong. */
const BADNESS: readonly State[] = [OK, UNKNOWN, WARNING, CRITICAL];

export function worst(states: readonly State[]): State {
  return states.reduce<State>((worse, state) => (BADNESS.indexOf(state) > BADNESS.indexOf(worse) ? state : worse), OK);
}

/** One measured value for the graphs. */
export interface Perf {
  label: string;
  /** Null is written as `U`: it could not be measured. */
  value: number | null;
  /** Unit of measurement: nothing, seconds, percent, bytes, a counter. */
  unit: '' | 's' | '%' | 'B' | 'c';
  warning?: Range | null;
  critical?: Range | null;
  min?: number;
  max?: number;
}

export interface Result {
  state: State;
  /** One line, without the state's word. */
  text: string;
  /** Shown with -v behind the text. */
  remedy?: string;
  perf: Perf[];
  /** Lines below the first; shown with -vv. */
  long: string[];
}

export interface Thresholds {
  warning: Range | null;
  critical: Range | null;
}

/** The state of a value under its thresholds. What is not known (null) alerts nowhere. */
export function judge(value: number | null, { warning, critical }: Thresholds): State {
  if (value === null) return OK;
  if (critical !== null && alerts(critical, value)) return CRITICAL;
  return warning !== null && alerts(warning, value) ? WARNING : OK;
}

/** Icinga keeps longer output, but NRPE and Nagios 3 cut at 4 kB: the first line stays well below. */
const LONGEST_TEXT = 1000;
const MOST_LINES = 200;
/** All of it, bytes: what a pipe takes at once and NRPE 3 carries. The rest is left out in whole values and lines, and said to be. */
const MOST_BYTES = 8000;

/**
 * What a plugin prints: `NAME STATE - text | perfdata`, then the long text. `verbose` counts the `-v` (guidelines, "Verbose output").
 *
 * Names and messages may come from a log: whatever controls a terminal is shown as a symbol, and the bar, which starts the performance data,
 * becomes a broken bar.
 */
export function render(name: string, result: Result, verbose: number): string {
  const remedy = verbose > 0 && result.remedy !== undefined && result.remedy !== '' ? ` - ${result.remedy}` : '';
  const first = `${name.toUpperCase()} ${STATE_NAMES[result.state]} - ${plain(result.text + remedy, LONGEST_TEXT)}`;
  let output = first;
  let [separator, room] = [' | ', MOST_BYTES - Buffer.byteLength(first)];
  for (const value of result.perf.map(perfText)) {
    room -= Buffer.byteLength(separator + value);
    if (room < 0) break;
    output += separator + value;
    separator = ' ';
  }
  output += '\n';
  const long = verbose > 1 ? result.long.slice(0, MOST_LINES) : [];
  for (const [i, text] of long.entries()) {
    const line = `${plain(text, LONGEST_TEXT)}\n`;
    room -= Buffer.byteLength(line);
    if (room < 0) return `${output}(${long.length - i} lines more)\n`;
    output += line;
  }
  return output;
}

function plain(text: string, max: number): string {
  return cutText(visibleText(text), max).replaceAll('|', '¦');
}

/** `'label'=value[UOM];[warn];[crit];[min];[max]` (guidelines, "Performance data"). Quotes only where they are needed; empty fields at the end are left out. */
export function perfText(perf: Perf): string {
  // Neither `=` nor a quote needs to be in a label, and some graphers stumble over both.
  const label = visibleText(perf.label).replaceAll(/['=|]/g, '_');
  const fields = [
    perf.value === null || !Number.isFinite(perf.value) ? 'U' : `${decimal(perf.value)}${perf.unit}`,
    perf.warning?.text ?? '',
    perf.critical?.text ?? '',
    perf.min === undefined ? '' : decimal(perf.min),
    perf.max === undefined ? '' : decimal(perf.max),
  ];
  while (fields.at(-1) === '') fields.pop();
  const name = cutText(label === '' ? '_' : label, 100);
  return `${/^[\w./-]+$/.test(name) ? name : `'${name}'`}=${fields.join(';')}`;
}

/** The class of a value is `[-0-9.]`: no exponent, no group marks. Three decimals are enough. */
function decimal(value: number): string {
  const text = value.toFixed(3);
  // Beyond 10^21 toFixed writes an exponent.
  if (text.includes('e')) return value > 0 ? '999999999999999999999' : '-999999999999999999999';
  return text.includes('.') ? text.replace(/0{1,3}$/, '').replace(/\.$/, '') : text;
}
