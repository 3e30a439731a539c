import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Context } from './bench.ts';
import { EveGenerator } from './generate.ts';
import { limitRow, median, quantile, type Row, show } from './report.ts';
import { RunningStation, stationFiles } from './station.ts';

const RATES = [10, 500, 5000];
const LIMIT_MS = 1500;
const TICK_MS = 20;
/** A marked line this often; all lines between them are ordinary ones. */
const MARK_EVERY_MS = 250;

/** `latency`: from the write of a line to the first query that finds it. */
export const latency: Bench = {
  name: 'latency',
  async run(context) {
    const rows: Row[] = [];
    for (const rate of RATES) {
      const found: number[] = [];
      for (let run = 0; run < context.runs; run++) found.push(...(await measure(context, rate)));
      const words = `${rate} events/s: written → found, p95`;
      rows.push(
        limitRow(
          words,
          quantile(found, 0.95),
          LIMIT_MS,
          show.millis,
          `median ${show.millis(median(found))}, longest ${show.millis(Math.max(...found))}`,
        ),
      );
    }
    return {
      name: 'latency',
      title: 'Latency',
      about: `Lines are appended each ${TICK_MS} ms; each ${MARK_EVERY_MS} ms one carries a name of its own, and a query is repeated until it finds the name. Default settings.`,
      rows,
    };
  },
};

async function measure(context: Context, rate: number): Promise<number[]> {
  const files = stationFiles(context.place, 'latency');
  const station = await RunningStation.start(context.place, files);
  const from = String((Date.now() - 60_000) * 1000);
  const written = new Map<string, number>();
  const took: number[] = [];
  const seconds = context.quick ? 3 : 20;
  const state = { writing: true };
  const writer = write(join(files.logs, 'eve.json'), rate, seconds, (name) =>
    written.set(name, performance.now()),
  ).finally(() => (state.writing = false));
  const giveUp = performance.now() + seconds * 1000 + 60_000;
  try {
    while (state.writing || written.size > 0) {
      const { text } = await station.ask('/api/top', {
        q: 'dns.question.name:mark-*',
        field: 'dns.question.name',
        limit: '1000',
        from,
      });
      const now = performance.now();
      for (const { value } of (JSON.parse(text) as { values: { value: string }[] }).values) {
        const at = written.get(value);
        if (at !== undefined) took.push(now - at);
        written.delete(value);
      }
      if (now > giveUp) throw new Error(`${written.size} lines were never found`);
      context.tell(`latency: ${rate} events/s, ${took.length} marked lines found`);
      await pause(15);
    }
    await writer;
  } finally {
    await station.stop();
    rmSync(files.data, { recursive: true });
  }
  return took;
}

async function write(path: string, rate: number, seconds: number, marked: (name: string) => void): Promise<void> {
  const fd = openSync(path, 'a');
  const generator = new EveGenerator({ seed: `latency ${rate}`, start: 0, spacing: 0 });
  const began = performance.now();
  let lines = 0;
  let marks = 0;
  try {
    for (let now = began; now < began + seconds * 1000; now = performance.now()) {
      const due = Math.floor(((now - began) * rate) / 1000);
      let text = '';
      for (; lines < due; lines++) text += `${generator.next(Date.now())}\n`;
      const name = now - began >= marks * MARK_EVERY_MS ? `mark-${marks++}.bench.test` : null;
      if (name !== null) text += `${mark(name, generator.next(Date.now()))}\n`;
      if (text !== '') writeSync(fd, text);
      if (name !== null) marked(name);
      await pause(TICK_MS);
    }
  } finally {
    closeSync(fd);
  }
}

/** An ordinary line's time, and a DNS question for the name. */
function mark(name: string, line: string): string {
  const { timestamp } = JSON.parse(line) as { timestamp: string };
  return `{"timestamp":"${timestamp}","flow_id":1,"event_type":"dns","src_ip":"192.168.1.2","src_port":5353,"dest_ip":"192.168.0.1","dest_port":53,"proto":"UDP","dns":{"type":"query","id":1,"rrname":"${name}","rrtype":"A","tx_id":0,"opcode":0}}`;
}
