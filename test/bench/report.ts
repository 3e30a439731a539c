import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** One line of a table. What is only reported has no `must`. */
export interface Row {
  measure: string;
  varde: string;
  baseline?: string;
  ratio?: string;
  must?: string;
  reached?: boolean;
}

export interface Table {
  name: string;
  title: string;
  /** How the numbers came about, one or two sentences. */
  about: string;
  rows: Row[];
}

/** A row whose ratio decides: `varde / base` at least (or at most) `limit`. */
export function ratioRow(
  measure: string,
  varde: number,
  base: number,
  show: (value: number) => string,
  rule: { atLeast: number } | { atMost: number },
): Row {
  const ratio = varde / base;
  const least = 'atLeast' in rule;
  const limit = least ? rule.atLeast : rule.atMost;
  const shown = !least && limit < 1 && ratio > 0 && ratio < 0.5 ? `1/${trim(1 / ratio)}` : `${trim(ratio)}×`;
  const wanted = !least && limit < 0.5 ? `1/${trim(1 / limit)}` : `${trim(limit)}×`;
  return {
    measure,
    varde: show(varde),
    baseline: show(base),
    ratio: shown,
    must: `${least ? '≥' : '≤'} ${wanted}`,
    reached: least ? ratio >= limit : ratio <= limit,
  };
}

/** A row with a limit of its own. */
export function limitRow(
  measure: string,
  value: number,
  limit: number,
  show: (value: number) => string,
  baseline?: string,
): Row {
  return { measure, varde: show(value), baseline, must: `≤ ${show(limit)}`, reached: value <= limit };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that is not exceeded by the share `q` of all. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (q === 0.5 && sorted.length % 2 === 0 && sorted.length > 0) {
    return (sorted[sorted.length / 2 - 1]! + sorted[sorted.length / 2]!) / 2;
  }
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
}

function trim(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(2).replace(/\.?0+$/, '');
}

export const show = {
  perSecond: (value: number) => `${Math.round(value).toLocaleString('en').replaceAll(',', ' ')} events/s`,
  micros: (value: number) => `${trim(value)} µs`,
  bytes: (value: number) =>
    value >= 1e9 ? `${trim(value / 1e9)} GB` : value >= 1e6 ? `${trim(value / 1e6)} MB` : `${trim(value / 1e3)} kB`,
  memory: (value: number) => `${Math.round(value / 2 ** 20)} MiB`,
  perEvent: (value: number) => `${trim(value)} B/event`,
  millis: (value: number) => `${trim(value)} ms`,
  secs: (value: number) => `${trim(value)} s`,
  percent: (value: number) => `${trim(value * 100)} %`,
};

/** Machine, commit, date and command: the line below each title. */
export function circumstances(command: string, runs: number): string {
  const processor = cpus()[0]?.model ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  return (
    `${processor}, ${cpus().length} cores, ${memory} GB, Linux ${release()}, Node ${process.versions.node}; commit ${commit()}; ` +
    `${new Date().toISOString().slice(0, 10)}; \`${command}\`; ${runs === 1 ? 'single runs' : `medians of ${runs} runs`}.`
  );
}

function commit(): string {
  try {
    const text = (...args: string[]): string =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return (
      text('rev-parse', '--short', 'HEAD') + (text('status', '--porcelain', '--', 'src') === '' ? '' : ' with changes')
    );
  } catch {
    return 'unknown';
  }
}

export function markdown(table: Table, where: string): string {
  const lines = table.rows.map((row) => {
    const verdict = row.reached === undefined ? '' : row.reached ? 'yes' : '**no**';
    return `| ${[row.measure, row.varde, row.baseline ?? '', row.ratio ?? '', row.must ?? '', verdict].join(' | ')} |`;
  });
  return [
    `## ${table.title}`,
    '',
    table.about,
    '',
    where,
    '',
    '| measure | Varde | baseline | ratio | must reach | reached |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

/** Puts a bench's section between its markers; other sections stay as they are. */
export function writeSection(path: string, name: string, text: string): void {
  const begin = `<!-- bench:${name} -->`;
  const end = `<!-- /bench:${name} -->`;
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const section = `${begin}\n${text}\n${end}`;
  const from = before.indexOf(begin);
  const to = before.indexOf(end);
  const after =
    from === -1 || to === -1
      ? `${before.trimEnd()}\n\n${section}\n`
      : before.slice(0, from) + section + before.slice(to + end.length);
  writeFileSync(path, after);
}
