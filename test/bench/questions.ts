import { rmSync, writeFileSync } from 'node:fs';
import { bigStore, type Bench, type BigStore, type Context } from './bench.ts';
import { runMeasured } from './child.ts';
import { childMode } from './child-modes.ts';
import { type PageQuestion, pageQuestions, type Samples } from './page-questions.ts';
import { limitRow, median, quantile, type Row, show } from './report.ts';
import { RunningStation, stationFiles } from './station.ts';

const LIMIT_MS = 250;
const LIST_MS = 50;

interface SqliteAnswer {
  name: string;
  took: number[];
  rows: number;
  first: unknown;
}

/** `questions`: each question of the page over everything, and over the last day beside SQLite. */
export const questions: Bench = {
  name: 'questions',
  async run(context) {
    const big = await bigStore(context);
    const station = await RunningStation.start(context.place, stationFiles(context.place, 'big', big.data));
    const day = { from: (big.to - 86_400_000) * 1000, to: big.to * 1000 };
    const all = { from: big.from * 1000, to: big.to * 1000 };
    const times = context.quick ? 3 : 10 * context.runs;
    const rows: Row[] = [];
    const pooled: number[] = [];
    try {
      const samples = await pickSamples(station, day);
      const sqlite = await askSqlite(context, big, pageQuestions({ ...samples, ...day }), context.quick ? 1 : 3);
      for (const [index, question] of pageQuestions({ ...samples, ...all }).entries()) {
        const inDay = pageQuestions({ ...samples, ...day })[index]!;
        context.tell(`questions: ${question.name}`);
        // A search through everything takes seconds, and nothing of it is kept for the next time.
        const often = question.kind === 'raw' ? Math.ceil(times / 10) : times;
        const everything = (await askOften(station, question, all, often)).took;
        const lastDay = await askOften(station, inDay, day, often);
        if (question.kind !== 'raw') pooled.push(...everything);
        rows.push(latencyRow(question, everything));
        const base = sqlite.get(question.name);
        if (base !== undefined) rows.push(besideSqlite(inDay, lastDay, base));
        else rows.push({ measure: `… in one day of ${big.days}`, varde: spread(lastDay.took) });
      }
      rows.push(limitRow('all questions but raw text together, p95', quantile(pooled, 0.95), LIMIT_MS, show.millis));
      rows.push(
        limitRow('memory peak of the station that answered', station.memory().peak, 512 * 2 ** 20, show.memory),
      );
    } finally {
      await station.stop();
    }
    return {
      name: 'questions',
      title: 'Questions',
      about:
        `Each question of the page, asked through the station's socket over ${big.days * big.linesPerDay} events (${big.days} days), one at a time, ${times} times (raw text ${Math.ceil(times / 10)} times): median / p95 / longest (as a rule the first time). ` +
        `Below it the same question over the last day only (${big.linesPerDay} events) beside SQLite, whose table holds just that day; counts are compared and must agree.`,
      rows,
    };
  },
};

/** Values that the questions need, from the data itself. */
export async function pickSamples(
  station: RunningStation,
  day: { from: number; to: number },
): Promise<Omit<Samples, 'from' | 'to'>> {
  const range = { from: String(day.from), to: String(day.to) };
  const { text } = await station.ask('/api/events', {
    q: 'event_type:alert AND flow_id:*',
    columns: 'source.ip,suricata.eve.flow_id',
    limit: '5',
    ...range,
  });
  const part = text.split('\n').find((line) => line.startsWith('{"rows"'));
  const row =
    part === undefined ? undefined : (JSON.parse(part) as { rows: Record<string, string | number>[] }).rows[0];
  if (row === undefined) throw new Error('the big store holds no alert');
  return {
    source: String(row['source.ip']),
    flowEvent: String(row['id']),
    flowId: String(row['suricata.eve.flow_id']),
  };
}

export async function askOften(
  station: RunningStation,
  question: PageQuestion,
  range: { from: number; to: number },
  times: number,
): Promise<{ took: number[]; text: string }> {
  const took: number[] = [];
  let text = '';
  for (let i = 0; i < times; i++) {
    const answer = await station.ask(question.path, {
      ...question.parameters,
      from: String(range.from),
      to: String(range.to),
    });
    took.push(answer.took);
    text = answer.text;
  }
  return { took, text };
}

async function askSqlite(
  context: Context,
  big: BigStore,
  asked: PageQuestion[],
  times: number,
): Promise<Map<string, SqliteAnswer>> {
  const database = context.place.path('questions.sqlite');
  context.tell('questions: loading the last day into SQLite');
  await runMeasured(context.place, childMode('sqlite-ingest', big.lastDay, database));
  const file = context.place.path('questions.json');
  const list = asked.filter((question) => question.sql !== undefined).map(({ name, sql }) => ({ name, sql }));
  writeFileSync(file, JSON.stringify({ times, questions: list }));
  context.tell('questions: asking SQLite');
  const { stdout } = await runMeasured(context.place, childMode('sqlite-questions', database, file));
  rmSync(database);
  return new Map((JSON.parse(stdout) as SqliteAnswer[]).map((answer) => [answer.name, answer]));
}

function latencyRow(question: PageQuestion, took: number[]): Row {
  const row: Row = { measure: question.name, varde: spread(took) };
  if (question.kind === 'raw') return row;
  return { ...row, must: `p95 ≤ ${LIMIT_MS} ms`, reached: quantile(took, 0.95) <= LIMIT_MS };
}

function besideSqlite(question: PageQuestion, lastDay: { took: number[]; text: string }, base: SqliteAnswer): Row {
  const [ours, theirs] = [median(lastDay.took), median(base.took)];
  if (question.same !== undefined) {
    const [a, b] = [question.same.varde(lastDay.text), question.same.sqlite(base)];
    if (a !== b) throw new Error(`${question.name}: varde says ${a}, SQLite says ${b}`);
  }
  const row: Row = {
    measure: '… in the last day',
    varde: spread(lastDay.took),
    baseline: spread(base.took),
    ratio: `${(theirs / ours).toFixed(1)}× faster`,
  };
  if (question.kind === 'aggregate') return { ...row, must: '≥ 10× faster', reached: theirs / ours >= 10 };
  if (question.kind === 'list')
    return { ...row, must: `≤ ${LIST_MS} ms or ≤ 2×`, reached: ours <= LIST_MS || ours <= theirs * 2 };
  return row;
}

function spread(took: number[]): string {
  return `${[median(took), quantile(took, 0.95), Math.max(...took)].map((value) => (value >= 10 ? value.toFixed(0) : value.toFixed(1))).join(' / ')} ms`;
}
