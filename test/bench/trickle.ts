import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { runMeasured } from './child.ts';
import { childMode } from './child-modes.ts';
import { EveGenerator } from './generate.ts';
import { limitRow, median, ratioRow, show } from './report.ts';
import { RunningStation, stationFiles } from './station.ts';
import { bytesBelow } from './workplace.ts';

const PER_SECOND = 50;

/** `trickle`: the SD card's case, 50 events per second, one at a time. */
export const trickle: Bench = {
  name: 'trickle',
  async run(context) {
    const seconds = context.quick ? 8 : 120;
    const lines = seconds * PER_SECOND;
    const written: number[] = [];
    const share: number[] = [];
    const baseline: number[] = [];
    let raw = 0;
    for (let run = 0; run < context.runs; run++) {
      const files = stationFiles(context.place, 'trickle');
      const path = join(files.logs, 'eve.json');
      const station = await RunningStation.start(context.place, files);
      const generator = new EveGenerator({ seed: 'trickle', start: 0, spacing: 0 });
      const before = station.usage();
      const began = performance.now();
      for (let i = 0; i < lines; i++) {
        appendFileSync(path, `${generator.next(Date.now())}\n`);
        await pause(Math.max(0, began + ((i + 1) * 1000) / PER_SECOND - performance.now()));
        if (i % PER_SECOND === 0)
          context.tell(`trickle: run ${run + 1} of ${context.runs}, second ${i / PER_SECOND} of ${seconds}`);
      }
      const live = station.usage();
      share.push((live.cpu - before.cpu) / (performance.now() - began));
      await station.untilCommitted(lines);
      const after = await station.stop();
      written.push(after.written - before.written);
      raw = bytesBelow(path);
      rmSync(files.data, { recursive: true });
      const database = context.place.path('trickle.sqlite');
      const sqlite = await runMeasured(
        context.place,
        childMode('sqlite-trickle', database, String(PER_SECOND), String(seconds)),
      );
      baseline.push(sqlite.written);
      rmSync(database);
    }
    return {
      name: 'trickle',
      title: 'Trickle',
      about:
        `${PER_SECOND} events per second, one at a time, for ${seconds} s: what an SD card has to bear. Varde: \`varde up\` with its default settings, until it ` +
        'has ended and merged all onto the disk. SQLite: the table of the ingest bench, one transaction per second.',
      rows: [
        ratioRow('bytes written', median(written), median(baseline), show.bytes, { atMost: 1 / 30 }),
        {
          measure: 'bytes written beside the raw lines',
          varde: show.bytes(median(written)),
          baseline: show.bytes(raw),
          ratio: `${(median(written) / raw).toFixed(2)}×`,
        },
        limitRow('share of one core while it follows', median(share), 0.05, show.percent),
      ],
    };
  },
};
