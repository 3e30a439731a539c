import { existsSync, linkSync, rmSync, writeFileSync } from 'node:fs';
import { eachLine } from './read-lines.ts';
import { soil } from './soil.ts';
import { delimiter, join } from 'node:path';
import { type Bench, type Context, eveFile } from './bench.ts';
import { type Ended, runMeasured } from './child.ts';
import { childMode } from './child-modes.ts';
import { limitRow, median, ratioRow, type Row, show } from './report.ts';
import { RunningStation, stationFiles, VARDE } from './station.ts';
import { bytesBelow } from './workplace.ts';

interface Measured extends Ended {
  /** Bytes that lie on the disk afterwards. */
  size: number;
}

/** EveBox is given no more than so many lines: the fewer, the faster it is for each. */
const EVEBOX_LINES = 200_000;

/** `ingest`: a million lines from a file into the store on disk, with the accounting on. */
export const ingest: Bench = {
  name: 'ingest',
  async run(context) {
    const lines = context.quick ? 60_000 : 1_000_000;
    const file = eveFile(context, context.place.path('ingest.json'), { seed: 'ingest', lines });
    const raw = bytesBelow(file);
    const varde: Measured[] = [];
    const sqlite: Measured[] = [];
    const evebox: Measured[] = [];
    const floor: Ended[] = [];
    const withEvebox = onPath('evebox');
    const few = withEvebox ? firstLines(file, context.place.path('few.json'), EVEBOX_LINES) : 0;
    const dirtyFile = context.place.path('dirty.json');
    const garbage = soil(file, dirtyFile);
    const dirty: Measured[] = [];
    for (let run = 0; run < context.runs; run++) {
      context.say(`ingest: run ${run + 1} of ${context.runs}`);
      varde.push(await measureVarde(context, file, lines));
      dirty.push(await measureVarde(context, dirtyFile, lines - garbage));
      sqlite.push(
        await measureFile(context, 'ingest.sqlite', (database) => childMode('sqlite-ingest', file, database)),
      );
      floor.push(await runMeasured(context.place, childMode('json-parse', file)));
      if (withEvebox) {
        evebox.push(
          await measureFile(context, 'evebox.sqlite', (database) => [
            'evebox',
            'sqlite',
            'load',
            '--input',
            context.place.path('few.json'),
            database,
          ]),
        );
      }
    }
    const of = (runs: readonly Ended[], value: (run: Ended) => number): number => median(runs.map(value));
    const count = (run: Ended): number => (evebox.includes(run as Measured) ? few : lines);
    const rate = (run: Ended): number => count(run) / run.secs;
    const cpu = (run: Ended): number => (run.cpu * 1000) / count(run);
    const written = (run: Ended): number => run.written / count(run);
    const sizeEach = (runs: readonly Measured[]): number => median(runs.map((run) => run.size / count(run)));
    const size = (runs: readonly Measured[]): number => median(runs.map((run) => run.size));
    const rows: Row[] = [
      ratioRow('events per second, beside SQLite', of(varde, rate), of(sqlite, rate), show.perSecond, { atLeast: 2 }),
      ratioRow('CPU per event, beside SQLite', of(varde, cpu), of(sqlite, cpu), show.micros, { atMost: 0.75 }),
      ratioRow('bytes written, beside SQLite', of(varde, written), of(sqlite, written), show.perEvent, {
        atMost: 1 / 20,
      }),
      ratioRow('size on disk, beside SQLite', size(varde), size(sqlite), show.bytes, { atMost: 1 / 6 }),
      ratioRow('CPU per event, beside JSON.parse alone', of(varde, cpu), of(floor, cpu), show.micros, { atMost: 10 }),
    ];
    if (withEvebox) {
      rows.push(
        ratioRow('events per second, beside EveBox', of(varde, rate), of(evebox, rate), show.perSecond, { atLeast: 5 }),
        ratioRow('CPU per event, beside EveBox', of(varde, cpu), of(evebox, cpu), show.micros, { atMost: 1 / 5 }),
        report('bytes written, beside EveBox', of(varde, written), of(evebox, written), show.perEvent),
        report('size on disk, beside EveBox', sizeEach(varde), sizeEach(evebox), show.perEvent),
        report(
          'memory peak, beside EveBox',
          of(varde, (run) => run.peak),
          of(evebox, (run) => run.peak),
          show.memory,
        ),
      );
    } else {
      rows.push({ measure: 'beside EveBox', varde: 'not measured: no `evebox` on the PATH' });
    }
    rows.push(
      ratioRow(
        'events per second with 1 % garbage, beside clean lines',
        of(dirty, rate),
        of(varde, rate),
        show.perSecond,
        {
          atLeast: 0.95,
        },
      ),
      limitRow(
        'memory peak of the import',
        of(varde, (run) => run.peak),
        512 * 2 ** 20,
        show.memory,
        `SQLite ${show.memory(of(sqlite, (run) => run.peak))}`,
      ),
      {
        measure: 'size beside the raw lines',
        varde: show.bytes(size(varde)),
        baseline: show.bytes(raw),
        ratio: `1/${(raw / size(varde)).toFixed(1)}`,
      },
    );
    rows.push(...(await followed(context, file, lines)));
    return {
      name: 'ingest',
      title: 'Ingest',
      about:
        `${lines} made-up Suricata lines (${Math.round(raw / lines)} bytes each) from a file to the disk with \`varde import\`, each counted in the books. ` +
        `EveBox: \`evebox sqlite load\` of the first ${EVEBOX_LINES} of them, since it slows down with size and takes minutes. ` +
        'SQLite: the raw line, 24 columns, 5 indexes, transactions of 16 MB with the position in them, through libsql. Times are of whole processes.',
      rows,
    };
  },
};

function report(measure: string, varde: number, base: number, text: (value: number) => string): Row {
  const ratio = base >= varde ? `1/${(base / varde).toFixed(1)}` : `${(varde / base).toFixed(1)}×`;
  return { measure, varde: text(varde), baseline: text(base), ratio };
}

/** Copies the first lines of a log; returns how many there were. */
function firstLines(from: string, to: string, most: number): number {
  const taken: Buffer[] = [];
  eachLine(from, (bytes, start, end) => {
    if (taken.length < most) taken.push(Buffer.from(bytes.subarray(start, end + 1)));
  });
  writeFileSync(to, Buffer.concat(taken));
  return taken.length;
}

async function measureVarde(context: Context, file: string, lines: number): Promise<Measured> {
  const data = context.place.folder('ingest-data');
  const ended = await runMeasured(context.place, [process.execPath, VARDE, 'import', '--json', '--data', data, file]);
  const result = JSON.parse(ended.stdout.trim().split('\n').pop()!) as { events_stored: number };
  if (result.events_stored !== lines) throw new Error(`varde import stored ${result.events_stored} of ${lines} lines`);
  const size = bytesBelow(data);
  rmSync(data, { recursive: true });
  return { ...ended, size };
}

async function measureFile(context: Context, name: string, command: (path: string) => string[]): Promise<Measured> {
  const path = context.place.path(name);
  const ended = await runMeasured(context.place, command(path));
  const size = bytesBelow(path);
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return { ...ended, size };
}

/** The same lines followed by the station: through memory first, then merged onto the disk. */
async function followed(context: Context, file: string, lines: number): Promise<Row[]> {
  const files = stationFiles(context.place, 'follow');
  const station = await RunningStation.start(context.place, files);
  const before = station.usage();
  const began = performance.now();
  linkSync(file, join(files.logs, 'eve.json'));
  await station.untilCommitted(lines, (done) => context.tell(`ingest: followed ${done} of ${lines} lines`));
  const secs = (performance.now() - began) / 1000;
  const { peak } = station.memory();
  const after = await station.stop();
  rmSync(files.data, { recursive: true });
  return [
    { measure: 'followed by `varde up`: events per second', varde: show.perSecond(lines / secs) },
    {
      measure: 'followed by `varde up`: CPU per event, merges included',
      varde: show.micros(((after.cpu - before.cpu) * 1000) / lines),
    },
    {
      measure: 'followed by `varde up`: bytes written',
      varde: show.perEvent((after.written - before.written) / lines),
    },
    limitRow('followed by `varde up`: memory peak', peak, 512 * 2 ** 20, show.memory),
  ];
}

function onPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}
