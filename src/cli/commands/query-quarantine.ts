import { isUtf8 } from 'node:buffer';
import type { Asker, Cell, Refused } from '../asker.ts';
import { csvFor } from '../format/csv.ts';
import { jsonRow } from '../format/json.ts';
import { formatTable } from '../format/table.ts';
import type { Output } from '../output.ts';
import type { QueryOptions } from './query.ts';

/** A table is drawn in parts of this many rows, and of lines of this many bytes. */
const TABLE_ROWS = 1000;
const TABLE_BYTES = 4 * 1024 * 1024;
const NAMES = ['time', 'source', 'path', 'offset', 'length', 'code', 'detail', 'line'];
const NEWLINE = Buffer.from('\n');

/** `varde query --quarantine`: the refused lines as they come; `--raw` byte for byte, JSON with `line_hex` where they are not UTF-8. */
export async function printQuarantine(
  asker: Asker,
  options: QueryOptions,
  out: Output,
  width: number | null,
): Promise<void> {
  if (options.count === true) {
    await out.write(`${await asker.countQuarantined()}\n`);
    return;
  }
  const csv = csvFor(process.stdout);
  const asTable = options.csv !== true && options.json !== true && options.raw !== true;
  if (options.csv === true) await out.write(csv.header(NAMES));
  let shown = 0;
  let gone = 0;
  let waiting: Cell[][] = [];
  let bytes = 0;
  const draw = async (): Promise<void> => {
    if (waiting.length > 0) await out.write(formatTable(NAMES, waiting, width));
    waiting = [];
    bytes = 0;
  };
  for await (const part of asker.quarantined(options.limit)) {
    shown += part.length;
    if (options.raw === true) {
      const whole = part.flatMap(({ line }) => (line === null ? [] : [line, NEWLINE]));
      gone += part.length - whole.length / 2;
      await out.write(Buffer.concat(whole));
    } else if (options.json === true) await out.write(part.map(jsonLine).join(''));
    else if (options.csv === true) await out.write(part.map((one) => csv.record(cells(one))).join(''));
    else {
      waiting.push(...part.map(cells));
      bytes += part.reduce((sum, { line }) => sum + (line?.length ?? 0), 0);
      if (waiting.length >= TABLE_ROWS || bytes >= TABLE_BYTES) await draw();
    }
  }
  await draw();
  if (gone > 0) process.stderr.write(`Of ${gone} lines only the position was kept: they were too long to be stored.\n`);
  if (!asTable) return;
  if (shown === 0) process.stderr.write('The quarantine is empty: every line that was read is stored as an event.\n');
  else if (shown === options.limit) process.stderr.write(`The newest ${shown} are shown; --limit 0 shows all.\n`);
}

function cells({ time, source, path, offset, length, code, detail, line }: Refused): Cell[] {
  return [new Date(time).toISOString(), source, path, offset, length, code, detail, line?.toString('utf8') ?? null];
}

function jsonLine(one: Refused): string {
  const hex = one.line === null || isUtf8(one.line) ? null : one.line.toString('hex');
  return jsonRow([...NAMES, 'line_hex'], [...cells(one), hex]);
}
