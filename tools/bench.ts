import type { Bench, Context } from '../test/bench/bench.ts';
import { busy } from '../test/bench/busy.ts';
import { check } from '../test/bench/check.ts';
import { runChildMode } from '../test/bench/child-modes.ts';
import { delay } from '../test/bench/delay.ts';
import { fleet } from '../test/bench/fleet-bench.ts';
import { ingest } from '../test/bench/ingest.ts';
import { latency } from '../test/bench/latency.ts';
import { questions } from '../test/bench/questions.ts';
import { circumstances, markdown, writeSection } from '../test/bench/report.ts';
import { start } from '../test/bench/start.ts';
import { tzsp } from '../test/bench/tzsp/tzsp.ts';
import { trickle } from '../test/bench/trickle.ts';
import { Workplace } from '../test/bench/workplace.ts';

/**
 * `npm run bench [-- NAME…] [--quick] [--write|--no-write] [--runs N]`: measures beside a peer or a floor in the same run, prints the tables
 * and puts them into docs/benchmarks.md. `--quick` is small, single and writes nothing: it only shows that everything runs to its end.
 * VARDE_BENCH_DIR names the folder to work in; it should lie on a disk.
 */
const BENCHES: readonly Bench[] = [ingest, trickle, questions, busy, latency, start, fleet, delay, check, tzsp];
/** One word for several that belong together. */
const GROUPS: Readonly<Record<string, readonly Bench[]>> = { heartbeat: [fleet, delay, check] };
const DOCUMENT = 'docs/benchmarks.md';

const args = process.argv.slice(2);
if (args[0] === '--child') await runChildMode(args[1]!, args.slice(2));
else process.exitCode = await main(args);

async function main(words: string[]): Promise<number> {
  const flags = new Set(words.filter((word) => word.startsWith('--') && word !== '--runs'));
  const runsAt = words.indexOf('--runs');
  const names = words.filter((word, index) => !word.startsWith('--') && (runsAt === -1 || index !== runsAt + 1));
  const wrong =
    [...flags].find((flag) => !['--quick', '--write', '--no-write'].includes(flag)) ??
    names.find((name) => !Object.hasOwn(GROUPS, name) && !BENCHES.some((bench) => bench.name === name));
  const quick = flags.has('--quick');
  const runs = runsAt === -1 ? (quick ? 1 : 3) : Number(words[runsAt + 1]);
  if (wrong !== undefined || !Number.isSafeInteger(runs) || runs < 1) {
    process.stderr.write(
      `bench: ${wrong ?? '--runs'}? Usage: bench [${[...BENCHES.map((bench) => bench.name), ...Object.keys(GROUPS)].join('|')}]… [--quick] [--write|--no-write] [--runs N]\n`,
    );
    return 2;
  }
  const wanted = (bench: Bench): boolean =>
    names.some((name) => name === bench.name || (Object.hasOwn(GROUPS, name) && GROUPS[name]!.includes(bench)));
  const chosen = names.length === 0 ? BENCHES : BENCHES.filter(wanted);
  const place = new Workplace();
  const context = makeContext(place, quick, runs);
  if (place.inMemory)
    context.say(
      `${place.root} lies in memory: bytes written are not counted there. Name a folder on a disk with VARDE_BENCH_DIR.`,
    );
  const write = flags.has('--write') || (!quick && !flags.has('--no-write'));
  const where = circumstances(`npm run bench -- ${words.join(' ')}`.trim(), runs);
  let missed = 0;
  try {
    for (const bench of chosen) {
      const began = performance.now();
      context.say(`\n== ${bench.name}`);
      const table = await bench.run(context);
      const text = markdown(table, where);
      context.say(`${text}\n(${((performance.now() - began) / 1000).toFixed(0)} s)`);
      missed += table.rows.filter((row) => row.reached === false).length;
      if (write) writeSection(DOCUMENT, table.name, text);
    }
  } finally {
    place.remove();
  }
  context.say(
    `\n${missed === 0 ? 'Everything that must be reached was reached.' : `${missed} rows were not reached.`}${quick ? ' A quick run proves nothing but that it runs.' : ''}`,
  );
  return 0;
}

function makeContext(place: Workplace, quick: boolean, runs: number): Context {
  const live = process.stderr.isTTY;
  let told = 0;
  return {
    quick,
    runs,
    place,
    say(text) {
      if (live) process.stderr.write('\r\u001B[2K');
      process.stdout.write(`${text}\n`);
    },
    tell(text) {
      // Without a terminal a line each ten seconds shows that it goes on.
      const now = performance.now();
      if (!live && now - told < 10_000) return;
      told = now;
      process.stderr.write(live ? `\r\u001B[2K${text}` : `${text}\n`);
    },
  };
}
