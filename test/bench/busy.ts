import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bigStore, type Bench, eveFile } from './bench.ts';
import { pageQuestions } from './page-questions.ts';
import { pickSamples } from './questions.ts';
import { limitRow, median, quantile, type Row, show } from './report.ts';
import { RunningStation, stationFiles } from './station.ts';

/** Somebody clicks through the page quickly. */
const PER_SECOND = 8;
const MEMORY_LIMIT = 512 * 2 ** 20;
const REST_LIMIT = 180 * 2 ** 20;

/** `busy`: questions while lines come in at full speed, and the memory of the station during all of it and at rest. */
export const busy: Bench = {
  name: 'busy',
  async run(context) {
    const big = await bigStore(context);
    const lines = context.quick ? 60_000 : 1_000_000;
    const files = stationFiles(context.place, 'busy', big.data);
    const station = await RunningStation.start(context.place, files);
    const idle: number[] = [];
    const loaded: number[] = [];
    const alone: number[] = [];
    const withQuestions: number[] = [];
    const quietMs = context.quick ? 5_000 : 30_000;
    try {
      await pause(quietMs);
      const restAtStart = station.memory().now;
      let expected = await station.committed();
      const follow = async (seed: string): Promise<number> => {
        const made = eveFile(context, context.place.path(`busy-${seed}.json`), { seed, lines });
        // Written beside and renamed, so that the whole file is there at once.
        copyFileSync(made, join(files.logs, 'new'));
        rmSync(made);
        const began = performance.now();
        renameSync(join(files.logs, 'new'), join(files.logs, `eve.json.${seed}`));
        expected += lines;
        await station.untilCommitted(expected, (done) =>
          context.tell(`busy: ${lines - (expected - done)} of ${lines} lines stored`),
        );
        return lines / ((performance.now() - began) / 1000);
      };
      const ask = await clicker(station, { from: (big.to - 86_400_000) * 1000, to: (Date.now() + 86_400_000) * 1000 });
      for (let run = 0; run < context.runs; run++) {
        context.say(`busy: run ${run + 1} of ${context.runs}`);
        await ask(idle, pause(context.quick ? 4_000 : 15_000));
        alone.push(await follow(`alone-${run}`));
        const rate = follow(`asked-${run}`);
        await ask(loaded, rate);
        withQuestions.push(await rate);
      }
      const { peak } = station.memory();
      context.tell('busy: waiting for the station to come to rest');
      await pause(quietMs);
      const restAfter = station.memory().now;
      return {
        name: 'busy',
        title: 'Questions while lines come in, and memory',
        about:
          `A station with ${big.days * big.linesPerDay} stored events follows files of ${lines} lines at full speed while the page's questions (raw text left out) ` +
          `over the newest days are asked, ${PER_SECOND} a second. "Idle" is the same asking without lines. At rest: ${quietMs / 1000} s after the last work.`,
        rows: [
          ratio(
            'questions, p95, beside idle',
            quantile(loaded, 0.95),
            quantile(idle, 0.95),
            show.millis,
            (value) => value <= 3,
            '≤ 3×',
          ),
          ratio('questions, median, beside idle', median(loaded), median(idle), show.millis),
          ratio(
            'events per second, beside nobody asking',
            median(withQuestions),
            median(alone),
            show.perSecond,
            (value) => value >= 0.85,
            '≥ 0.85×',
          ),
          limitRow('memory peak during all of it', peak, MEMORY_LIMIT, show.memory),
          limitRow('memory at rest, after the start', restAtStart, REST_LIMIT, show.memory),
          limitRow('memory at rest, after the work', restAfter, REST_LIMIT, show.memory),
        ],
      };
    } finally {
      await station.stop();
    }
  },
};

/** Asks the page's questions in turn, at a steady pace (late ones follow at once), until `until` resolves; adds the times to `took`. */
async function clicker(
  station: RunningStation,
  range: { from: number; to: number },
): Promise<(took: number[], until: Promise<unknown>) => Promise<void>> {
  const samples = await pickSamples(station, range);
  const asked = pageQuestions({ ...samples, ...range }).filter((question) => question.kind !== 'raw');
  let turn = 0;
  return async (took, until) => {
    const state = { over: false };
    const end = until.then(
      () => (state.over = true),
      () => (state.over = true),
    );
    for (let next = performance.now(); !state.over; next += 1000 / PER_SECOND) {
      const question = asked[turn++ % asked.length]!;
      const answer = await station.ask(question.path, {
        ...question.parameters,
        from: String(range.from),
        to: String(range.to),
      });
      took.push(answer.took);
      await pause(Math.max(0, next + 1000 / PER_SECOND - performance.now()));
    }
    await end;
  };
}

function ratio(
  measure: string,
  value: number,
  base: number,
  text: (value: number) => string,
  rule?: (ratio: number) => boolean,
  must?: string,
): Row {
  const row: Row = { measure, varde: text(value), baseline: text(base), ratio: `${(value / base).toFixed(2)}×` };
  return rule === undefined ? row : { ...row, must, reached: rule(value / base) };
}
