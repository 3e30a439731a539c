import { setTimeout as pause } from 'node:timers/promises';
import type { SensorsAnswer } from '../../src/view/api.ts';
import type { Bench, Context } from './bench.ts';
import { Fleet, type Sending } from './fleet.ts';
import { type Driver, sentElsewhere, targets } from './fleet-driver.ts';
import { limitRow, median, type Row, show } from './report.ts';
import { RunningStation } from './station.ts';

const MB = 1e6;

interface Load {
  /** Share of one core, from 0. */
  cpu: number;
  /** Resident bytes: the median and the largest of one look a second. */
  memory: number;
  peak: number;
  /** Probes that the station knew of in 24 hours at the end, and after a restart. */
  known: [number, number];
}

/**
 * What is compared: a station whose logs stay empty; one that has read lines and now rests; one that reads all of them; and the same with
 * probes that are sent elsewhere, and that it sends itself. Only the last two know of sensors.
 */
type Kind = 'empty' | 'rest' | 'off' | 'elsewhere' | 'station';
/** Each with a station beside it that is `off`: what a machine gives swings by a third within minutes, and must meet both. */
const PAIRED = ['elsewhere', 'station'] as const;

/** `fleet`: the heartbeat of many sensors on one station, beside the same station without it. */
export const fleet: Bench = {
  name: 'fleet',
  async run(context) {
    const sensors = context.quick ? 20 : 200;
    const loads: Record<Kind, Load[]> = { empty: [], rest: [], off: [], elsewhere: [], station: [] };
    /** Share of a core of the station beside it. */
    const beside = { elsewhere: [] as number[], station: [] as number[] };
    for (let run = 0; run < context.runs; run++) {
      const tell = (kind: Kind): void => context.tell(`fleet: ${kind}, run ${run + 1} of ${context.runs}`);
      for (const kind of ['empty', 'rest'] as const) {
        tell(kind);
        loads[kind].push(await measure(context, sensors, kind));
      }
      for (const kind of PAIRED) {
        tell(kind);
        const [own, off] = await Promise.all([measure(context, sensors, kind), measure(context, sensors, 'off')]);
        loads[kind].push(own);
        loads.off.push(off);
        beside[kind].push(off.cpu);
      }
    }
    const of = (kind: Kind, what: 'cpu' | 'memory' | 'peak'): number => median(loads[kind].map((load) => load[what]));
    const rows: Row[] = [];
    for (const [kind, words] of [
      ['elsewhere', 'probes sent elsewhere'],
      ['station', 'sent by the station'],
    ] as const) {
      const [own, base] = [of(kind, 'cpu'), median(beside[kind])];
      const above = (what: 'memory' | 'peak', than: Kind): number => of(kind, what) - of(than, 'memory');
      const megabytes = (bytes: number): string => `${(bytes / MB).toFixed(1)} MB`;
      rows.push(
        limitRow(
          `${words}: share of a core, without reading and storing the lines`,
          own - base,
          0.05,
          show.percent,
          show.percent(base),
        ),
        { measure: `${words}: share of a core in all`, varde: show.percent(own) },
        limitRow(
          `${words}: memory above the station at rest`,
          above('memory', 'rest'),
          30 * MB,
          megabytes,
          megabytes(of('rest', 'memory')),
        ),
        { measure: '… its peak', varde: megabytes(above('peak', 'rest')) },
        {
          measure: '… above a station that reads the same lines, without probes',
          varde: megabytes(above('memory', 'off')),
          baseline: megabytes(of('off', 'memory')),
        },
        {
          measure: '… above a station that has never seen a line',
          varde: megabytes(above('memory', 'empty')),
          baseline: megabytes(of('empty', 'memory')),
        },
      );
      const [before, after] = loads[kind][0]!.known;
      rows.push({
        measure: `${words}: probes of a day that are known before and after a restart`,
        varde: `${after}`,
        baseline: `${before}`,
        must: 'none lost',
        reached: after >= before && before > 0,
      });
    }
    return {
      name: 'fleet',
      title: 'Heartbeat of many sensors',
      about:
        `${sensors} sensors with a log each, five kinds of probes each 10 s and stats each 8 s (${sensors / 2 + sensors / 8} lines a second), on a station that remembers ` +
        'a day of all of them. At rest: the same station without probes, after it has read and stored such lines for a while and none come any more. The first row is ' +
        'what is above a station beside it, at the same time, that reads and stores the same lines but has no probes (its share is the baseline).',
      rows,
    };
  },
};

async function measure(context: Context, sensors: number, kind: Kind): Promise<Load> {
  const sending: Sending = kind === 'elsewhere' || kind === 'station' ? kind : 'off';
  const made = new Fleet(context.place, `fleet-${kind}`, sensors, sending);
  const watched = sending !== 'off';
  const { next } = watched ? await made.rememberDay() : { next: 1 };
  let station = await RunningStation.start(context.place, made.files);
  let driver: Driver | null = null;
  if (kind === 'station') driver = await targets(made);
  else if (kind !== 'empty') driver = sentElsewhere(made, next, watched);
  try {
    const settle = context.quick ? 10_000 : 45_000;
    await pause(settle);
    if (kind === 'rest') {
      await driver?.stop();
      driver = null;
    }
    // Before it settles once more: the answer alone is megabytes.
    if (watched) await untilAlive(station, sensors);
    await pause(settle);
    const load = await look(station, context.quick ? 10 : 90);
    const before = watched ? await knownOf(station) : 0;
    await driver?.stop();
    driver = null;
    await station.stop();
    if (!watched) return { ...load, known: [0, 0] };
    station = await RunningStation.start(context.place, made.files);
    const after = await knownOf(station);
    await station.stop();
    return { ...load, known: [before, after] };
  } finally {
    await driver?.stop();
  }
}

async function sensorsOf(station: RunningStation): Promise<SensorsAnswer['sensors']> {
  return (JSON.parse((await station.ask('/api/sensors', { brief: '1' })).text) as SensorsAnswer).sensors;
}

/** A heartbeat that does not work is not what is measured. */
async function untilAlive(station: RunningStation, count: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const sensors = await sensorsOf(station);
    const alive = sensors.filter(({ state }) => state === 'alive').length;
    if (alive === count) return;
    if (tries > 30) {
      const ill = sensors.find(({ state }) => state !== 'alive');
      throw new Error(`${alive} of ${count} sensors are alive; ${ill?.name ?? ''}: ${ill?.message ?? ''}`);
    }
    await pause(1000);
  }
}

async function look(station: RunningStation, secs: number): Promise<Omit<Load, 'known'>> {
  const memory: number[] = [];
  const before = station.usage();
  const began = performance.now();
  for (let i = 0; i < secs; i++) {
    await pause(1000);
    memory.push(station.memory().now);
  }
  const cpu = (station.usage().cpu - before.cpu) / (performance.now() - began);
  return { cpu, memory: median(memory), peak: Math.max(...memory) };
}

async function knownOf(station: RunningStation): Promise<number> {
  const sensors = await sensorsOf(station);
  const windows = sensors.flatMap(({ chains }) => chains.flatMap((chain) => chain.windows));
  return windows.filter((one) => one.window === '24h').reduce((sum, { sent }) => sum + sent, 0);
}
