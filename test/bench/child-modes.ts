import { readFileSync } from 'node:fs';
import { eachLine } from './read-lines.ts';
import { EveGenerator } from './generate.ts';
import { openDatabase, SqliteStore } from './sqlite.ts';
import { rawSender } from './tzsp/raw-sender.ts';
import { standIn } from './tzsp/stand-in.ts';

const TRANSACTION_BYTES = 16 * 1024 * 1024;

/** What the baselines do, each in a process of its own, so that it can be measured like the program itself. */
const MODES: Record<string, (args: string[]) => void | Promise<void>> = {
  'tzsp-send': ([sending]) => rawSender(sending!),
  tzsp2pcap: () => standIn(),

  'sqlite-ingest': ([file, database]) => {
    const store = new SqliteStore(database!);
    let waiting = 0;
    eachLine(file!, (bytes, start, end) => {
      if (waiting === 0) store.begin();
      store.add(bytes.toString('utf8', start, end), end + 1 - start);
      waiting += end + 1 - start;
      if (waiting < TRANSACTION_BYTES) return;
      store.commit();
      waiting = 0;
    });
    if (waiting > 0) store.commit();
    store.close();
  },

  /** One transaction for each second's lines; the waiting between them is left out, it costs nothing. */
  'sqlite-trickle': ([database, perSecond, seconds]) => {
    const store = new SqliteStore(database!);
    const generator = new EveGenerator({ seed: 'trickle', start: Date.now(), spacing: 20_000 });
    for (let second = 0; second < Number(seconds); second++) {
      store.begin();
      for (let i = 0; i < Number(perSecond); i++) {
        const line = generator.next();
        store.add(line, line.length + 1);
      }
      store.commit();
    }
    store.close();
  },

  'sqlite-questions': ([database, questionsFile]) => {
    const { times, questions } = JSON.parse(readFileSync(questionsFile!, 'utf8')) as {
      times: number;
      questions: { name: string; sql: string }[];
    };
    const db = openDatabase(database!);
    const answers = questions.map(({ name, sql }) => {
      const statement = db.prepare(sql);
      const took: number[] = [];
      let rows: unknown[] = [];
      for (let i = 0; i < times; i++) {
        const began = performance.now();
        rows = statement.all();
        took.push(performance.now() - began);
      }
      return { name, took, rows: rows.length, first: rows[0] ?? null };
    });
    db.close();
    process.stdout.write(JSON.stringify(answers));
  },

  'json-parse': ([file]) => {
    let lines = 0;
    eachLine(file!, (bytes, start, end) => {
      if (typeof JSON.parse(bytes.toString('utf8', start, end)) === 'object') lines++;
    });
    process.stdout.write(String(lines));
  },
};

/** Runs a baseline; `bench.js --child NAME ARGS…`. */
export async function runChildMode(name: string, args: string[]): Promise<void> {
  const mode = MODES[name];
  if (mode === undefined) throw new Error(`no child mode "${name}"`);
  await mode(args);
}

/** The command line that runs a baseline. */
export function childMode(name: keyof typeof MODES & string, ...args: string[]): string[] {
  return [process.execPath, process.argv[1]!, '--child', name, ...args];
}
