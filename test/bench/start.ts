import { bigStore, type Bench } from './bench.ts';
import { runMeasured } from './child.ts';
import { median, ratioRow, type Row, show } from './report.ts';
import { RunningStation, stationFiles, VARDE } from './station.ts';

/** `start`: how long until the help is there, and until a station with a big store is ready. */
export const start: Bench = {
  name: 'start',
  async run(context) {
    const big = await bigStore(context);
    const times = context.quick ? 3 : 10;
    const help: number[] = [];
    const node: number[] = [];
    const ready: number[] = [];
    for (let i = 0; i < times; i++) {
      context.tell(`start: ${i + 1} of ${times}`);
      help.push((await runMeasured(context.place, [process.execPath, VARDE, '--help'])).secs * 1000);
      node.push((await runMeasured(context.place, [process.execPath, '-e', '0'])).secs * 1000);
    }
    for (let i = 0; i < context.runs; i++) {
      const station = await RunningStation.start(context.place, stationFiles(context.place, 'start', big.data));
      ready.push(station.readyAfter);
      await station.stop();
    }
    const up: Row = {
      measure: `\`varde up\` on ${big.days * big.linesPerDay} events, until ready`,
      varde: show.millis(median(ready)),
      baseline: show.millis(median(node)),
    };
    return {
      name: 'start',
      title: 'Start',
      about: 'Wall time of whole processes, beside `node -e 0`.',
      rows: [
        ratioRow('`varde --help`', median(help), median(node), show.millis, { atMost: 4 }),
        { ...up, ratio: `${(median(ready) / median(node)).toFixed(1)}×` },
      ],
    };
  },
};
