import { existsSync, rmSync } from 'node:fs';
import { runMeasured } from './child.ts';
import { EveGenerator, writeLines } from './generate.ts';
import type { Table } from './report.ts';
import { VARDE } from './station.ts';
import type { Workplace } from './workplace.ts';

/** What a bench gets: where to work, how much, and what is made once for all. */
export interface Context {
  quick: boolean;
  /** How often a measurement is repeated; the median counts. */
  runs: number;
  place: Workplace;
  say(text: string): void;
  /** Overwrites the line before (on a terminal): for progress. */
  tell(text: string): void;
}

export interface Bench {
  name: string;
  run(context: Context): Promise<Table>;
}

const DAY_MS = 86_400_000;
/** The big store holds this many days of lines; the last one also lies in the baseline's database. */
export const DAYS = 5;

export interface BigStore {
  data: string;
  days: number;
  linesPerDay: number;
  /** Start of the first day and end of the last one, milliseconds. */
  from: number;
  to: number;
  /** The last day as a file. */
  lastDay: string;
}

const stores = new WeakMap<Context, Promise<BigStore>>();

/** A store of 10 million events (fewer in a quick run) over five days, made once per run by the real import. */
export function bigStore(context: Context): Promise<BigStore> {
  let store = stores.get(context);
  if (store === undefined) {
    store = build(context);
    stores.set(context, store);
  }
  return store;
}

async function build(context: Context): Promise<BigStore> {
  const linesPerDay = context.quick ? 40_000 : 2_000_000;
  const to = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const store = {
    data: context.place.folder('big-data'),
    days: DAYS,
    linesPerDay,
    from: to - DAYS * DAY_MS,
    to,
    lastDay: context.place.path('last-day.json'),
  };
  for (let day = 0; day < DAYS; day++) {
    const path = day === DAYS - 1 ? store.lastDay : context.place.path(`day-${day}.json`);
    eveFile(context, path, {
      seed: `day ${day}`,
      lines: linesPerDay,
      start: store.from + day * DAY_MS,
      spacing: (DAY_MS * 1000) / linesPerDay,
    });
    context.tell(`big store: importing day ${day + 1} of ${DAYS} (${linesPerDay} lines)`);
    await runMeasured(context.place, [process.execPath, VARDE, 'import', '--json', '--data', store.data, path]);
    if (path !== store.lastDay) rmSync(path);
  }
  return store;
}

/** A file of made-up lines; one that is there already is kept. */
export function eveFile(
  context: Context,
  path: string,
  options: { seed: string; lines: number; start?: number; spacing?: number },
): string {
  if (existsSync(path)) return path;
  const generator = new EveGenerator({
    seed: options.seed,
    start: options.start ?? Date.now() - DAY_MS,
    spacing: options.spacing ?? 40_000,
  });
  writeLines(path, generator, options.lines, (done) =>
    context.tell(`writing ${path.split('/').pop() ?? ''}: ${done} of ${options.lines} lines`),
  );
  return path;
}
