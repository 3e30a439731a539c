import { readFileSync, writeFileSync } from 'node:fs';
import { HOPS } from '../../../src/detect/heartbeat/report.ts';
import { LIMIT_MS, type Failure, type Outcome } from './failure.ts';
import type { Quiet } from './quiet.ts';
import { INTERVAL_SECS } from './stage.ts';

const BEGIN = '<!-- matrix -->';
const END = '<!-- /matrix -->';
/** What can be told: a hop (`shipped` has no failure yet), that nobody answers, or nothing. */
const TOLD = [...HOPS.filter((hop) => hop !== 'answered' && hop !== 'shipped'), 'nobody', 'none'] as const;

/** Whether an outcome is as it should be, in time. A wrong hop that was called blind on the way sent somebody to the wrong place: a confusion. */
export function isRight({ failure, told, verdictMs, recoveryMs, before }: Outcome): boolean {
  const inTime = (millis: number | null): boolean => millis !== null && millis <= LIMIT_MS;
  return told === failure.hop && before.length === 0 && inTime(verdictMs) && inTime(recoveryMs);
}

/** The confusion matrix as Markdown: what was broken, and what was told of it. */
export function matrixText(outcomes: readonly Outcome[], quiet: Quiet, about: string): string {
  const failures = [...new Set(outcomes.map(({ failure }) => failure))];
  const right = outcomes.filter(isRight).length;
  const { secs, made, alarms } = quiet;
  const disturbances = Object.entries(made).map(([name, count]) => `${count} × ${name}`);
  return [
    `${right} of ${outcomes.length} failures were named right, and their end was seen, within ${LIMIT_MS / 1000} s (two intervals of ${INTERVAL_SECS} s and 5 s). ${about}`,
    '',
    `| what was broken | ${TOLD.join(' | ')} | causes named | called blind before | verdict after | alive again after |`,
    `|---|${TOLD.map(() => '---|').join('')}---|---|---|---|`,
    ...failures.map((failure) =>
      row(
        failure,
        outcomes.filter((outcome) => outcome.failure === failure),
      ),
    ),
    '',
    `The numbers say how often which hop was named (bold: the right one; *nobody*: the station does not answer and \`varde check\` says so; *none*: no alarm); *called blind before*: another hop that was named on the way to the right one, and how often, which counts as a confusion; times are the longest seen, in seconds.`,
    '',
    `Quiet time of ${secs} s (${Math.round(secs / INTERVAL_SECS)} intervals) with ${disturbances.join(', ')} of 10 s: ${alarms.length} false alarms.`,
  ].join('\n');
}

function row(failure: Failure, outcomes: readonly Outcome[]): string {
  const cells = TOLD.map((hop) => {
    const count = outcomes.filter(({ told }) => told === hop).length;
    return count === 0 ? '' : hop === failure.hop ? `**${count}**` : String(count);
  });
  const causes = [...new Set(outcomes.map(({ cause }) => cause))].filter(Boolean).map((cause) => `\`${cause}\``);
  const most = (values: (number | null)[]): string =>
    values.includes(null) ? 'never' : (Math.max(...(values as number[])) / 1000).toFixed(1);
  const times = [most(outcomes.map((it) => it.verdictMs)), most(outcomes.map((it) => it.recoveryMs))];
  return `| ${failure.name} | ${cells.join(' | ')} | ${causes.join(', ')} | ${wrongBefore(outcomes)} | ${times.join(' | ')} |`;
}

/** `2 × decoded (kind_blind)`; nothing where no other hop was ever named. */
function wrongBefore(outcomes: readonly Outcome[]): string {
  const all = outcomes.flatMap(({ before }) => before);
  return [...new Set(all)].map((what) => `${all.filter((one) => one === what).length} × ${what}`).join(', ');
}

/** Puts it between the markers of the page. @throws Error where the page has none */
export function writeMatrix(page: string, text: string): void {
  const before = readFileSync(page, 'utf8');
  const [from, to] = [before.indexOf(BEGIN), before.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`${page} has no markers ${BEGIN} … ${END}`);
  writeFileSync(page, `${before.slice(0, from)}${BEGIN}\n\n${text}\n\n${before.slice(to)}`);
}
