import { hasCommand } from '../../lab/packages.ts';
import type { Bench, Context } from '../bench.ts';
import { limitRow, median, quantile, ratioRow, type Row, show, type Table } from '../report.ts';
import { latencies } from './latency.ts';
import { measure, type Outcome, type Run } from './measure.ts';
import { FRAME_BYTES } from './raw-sender.ts';
import { REAL_TZSP2PCAP } from './receivers.ts';

const LOSS = 0.001;
const PIPELINE_RATES = [5, 10, 20, 40, 60, 80, 100, 120, 150, 200];
const VARDE_RATES = [60, 100, 150, 200, 300, 400, 500, 600, 800, 1000];
const PATHS = { 'varde-kernel': 'kernel path', varde: 'user path' } as const;
const PCAP_RECORD_BYTES = 16 + FRAME_BYTES;

const kpps = (value: number): string => `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} kpps`;
const perMillion = (value: number): string => `${value.toFixed(2)} CPU-s/M`;
const costOf = ({ cpu, arrived }: Outcome): number => cpu / 1000 / (arrived / 1e6);

/** `tzsp`: from the router's stream into the interface, beside `tzsp2pcap -f | tcpreplay --topspeed -i dummy0 -`. */
export const tzsp: Bench = {
  name: 'tzsp',
  async run(context) {
    const secs = context.quick ? 1 : 3;
    const rows: Row[] = [];
    const step = async (words: string, run: Omit<Run, 'secs'> & { secs?: number }): Promise<Outcome> => {
      context.tell(`tzsp: ${words}`);
      return measure({ secs, ...run });
    };
    rows.push(...(await rates(context, step)), ...(await costs(context, step)), ...(await bursts(context, step)));
    rows.push(...(await delays(context, step)), ...(await pcap(context, step)));
    rows.push(...(await kernel(context, step)), ...(await memory(context, step)));
    return table(rows);
  },
};

type Step = (words: string, run: Omit<Run, 'secs'> & { secs?: number }) => Promise<Outcome>;

/** The highest rate of a ladder without loss. The machine stalls now and then: each step may be tried twice. */
async function lossFree(
  context: Context,
  step: Step,
  run: Pick<Run, 'kind' | 'largeBuffer'>,
  ladder: readonly number[],
): Promise<{ rate: number; senderLimited: boolean }> {
  let best = { rate: 0, senderLimited: false };
  for (const thousands of context.quick ? ladder.slice(0, 1) : ladder) {
    const rate = thousands * 1000;
    let reached = 0;
    for (let tries = 0; tries < 2 && reached === 0; tries++) {
      const { sent, loss } = await step(`${run.kind} at ${thousands} kpps`, { ...run, rate });
      if (loss < LOSS) reached = sent.frames / sent.secs;
    }
    if (reached === 0) return best;
    const senderLimited = reached < 0.95 * rate;
    if (reached > best.rate) best = { rate: reached, senderLimited };
    if (senderLimited) return best;
  }
  return best;
}

async function rates(context: Context, step: Step): Promise<Row[]> {
  const plain = await lossFree(context, step, { kind: 'pipeline' }, PIPELINE_RATES);
  const large = await lossFree(context, step, { kind: 'pipeline', largeBuffer: true }, PIPELINE_RATES);
  // A pipeline that loses even at the lowest rate is taken at that rate, in its favour.
  const least = PIPELINE_RATES[0]! * 1000;
  const rows: Row[] = [];
  for (const kind of ['varde-kernel', 'varde'] as const) {
    const varde = await lossFree(context, step, { kind }, VARDE_RATES);
    const words = `rate without loss, ${PATHS[kind]}${varde.senderLimited ? ' (sender-limited)' : ''}`;
    rows.push(
      ratioRow(`${words}; defaults of both`, varde.rate, Math.max(plain.rate, least), kpps, { atLeast: 20 }),
      ratioRow(`${words}; 32 MiB for both`, varde.rate, Math.max(large.rate, least), kpps, { atLeast: 5 }),
    );
  }
  return rows;
}

async function costs(context: Context, step: Step): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [words, rate, atMost] of [
    ['as fast as the sender goes', 0, 1 / 9],
    ['100 kpps', 100_000, 1 / 4],
    ['20 kpps', 20_000, 1 / 3],
  ] as const) {
    const of = async (kind: Run['kind']): Promise<number> => {
      const all: number[] = [];
      for (let i = 0; i < context.runs; i++)
        all.push(costOf(await step(`${kind}, ${words}`, { kind, rate, largeBuffer: true })));
      return median(all);
    };
    const pipeline = await of('pipeline');
    for (const kind of ['varde-kernel', 'varde'] as const)
      rows.push(
        ratioRow(`CPU per million frames, ${words}, ${PATHS[kind]}`, await of(kind), pipeline, perMillion, { atMost }),
      );
  }
  return rows;
}

async function bursts(context: Context, step: Step): Promise<Row[]> {
  const rows: Row[] = [];
  for (const burst of [300, 1000, 5000]) {
    const varde = await step(`bursts of ${burst}`, { kind: 'varde', rate: 20_000, burst });
    const pipeline = context.quick
      ? null
      : await step(`pipeline, bursts of ${burst}`, { kind: 'pipeline', rate: 20_000, burst });
    const lost = ({ sent, arrived }: Outcome): number => sent.frames - arrived;
    rows.push({
      measure: `bursts of ${burst} frames, 20 kpps on average: lost of ${varde.sent.frames}`,
      varde: String(lost(varde)),
      ...(pipeline === null
        ? {}
        : { baseline: `${lost(pipeline)} of ${pipeline.sent.frames} (${show.percent(pipeline.loss)})` }),
      must: '0',
      reached: lost(varde) === 0,
    });
  }
  return rows;
}

async function delays(context: Context, step: Step): Promise<Row[]> {
  const of = async (kind: Run['kind']): Promise<{ p50: number; p99: number }> => {
    const all: number[][] = [];
    for (let i = 0; i < context.runs; i++)
      await step(`${kind}: latency`, {
        kind,
        rate: 20_000,
        largeBuffer: true,
        around: async (stage, work) =>
          void all.push(await latencies(stage, context.place, `latency-${kind}-${i}`, work)),
      });
    const at = (q: number): number => median(all.map((took) => quantile(took, q)));
    return { p50: at(0.5), p99: at(0.99) };
  };
  const pipeline = await of('pipeline');
  const rows: Row[] = [];
  for (const kind of ['varde-kernel', 'varde'] as const) {
    const varde = await of(kind);
    const words = `from the wire into the interface at 20 kpps, ${PATHS[kind]}`;
    rows.push(
      ratioRow(`${words}: p50`, varde.p50, pipeline.p50, show.micros, { atMost: 1.5 }),
      ratioRow(`${words}: p99`, varde.p99, pipeline.p99, show.micros, { atMost: 0.5 }),
    );
  }
  return rows;
}

async function pcap(context: Context, step: Step): Promise<Row[]> {
  const of = async (kind: 'varde-pcap' | 'tzsp2pcap'): Promise<{ rate: number; cost: number }> => {
    const { sent, cpu, output } = await step(`${kind} into a pipe`, { kind, rate: 0, largeBuffer: true });
    const frames = Math.floor(Number(output.trim().split('\n').at(-1)) / PCAP_RECORD_BYTES);
    return { rate: frames / sent.secs, cost: cpu / 1000 / (frames / 1e6) };
  };
  const [varde, real]: [{ rate: number; cost: number }[], { rate: number; cost: number }[]] = [[], []];
  for (let i = 0; i < context.runs; i++) {
    varde.push(await of('varde-pcap'));
    real.push(await of('tzsp2pcap'));
  }
  const mid = (all: { rate: number; cost: number }[], key: 'rate' | 'cost'): number => median(all.map((it) => it[key]));
  return [
    ratioRow(
      'pcap into a pipe, as fast as the sender goes: frames written',
      mid(varde, 'rate'),
      mid(real, 'rate'),
      kpps,
      { atLeast: 5 },
    ),
    ratioRow('the same: CPU per million frames', mid(varde, 'cost'), mid(real, 'cost'), perMillion, { atMost: 1 / 5 }),
  ];
}

async function kernel(context: Context, step: Step): Promise<Row[]> {
  const all: Outcome[] = [];
  for (let i = 0; i < context.runs; i++)
    all.push(await step('kernel path', { kind: 'varde-kernel', rate: 0, pinned: true }));
  const rate = median(all.map(({ arrived, sent }) => arrived / sent.secs));
  const loss = Math.max(...all.map((it) => it.loss));
  return [
    {
      measure: `kernel path, sender and all on one core (loss ${show.percent(loss)})`,
      varde: kpps(rate),
      must: '≥ 700 kpps',
      reached: rate >= 700_000 && loss < LOSS,
    },
    {
      measure: 'the same: CPU of the process per million frames',
      varde: perMillion(median(all.map(costOf))),
      must: 'about 0',
      reached: median(all.map(costOf)) < 0.1,
    },
  ];
}

async function memory(context: Context, step: Step): Promise<Row[]> {
  const secs = context.quick ? 1 : 60;
  const short = await step('memory, short', { kind: 'varde', rate: 100_000, secs: context.quick ? 1 : 10 });
  const long = await step('memory', { kind: 'varde', rate: 100_000, secs });
  return [
    limitRow(
      `resident memory after ${(long.arrived / 1e6).toFixed(1)} M frames (after ${(short.arrived / 1e6).toFixed(1)} M: ${show.memory(short.memory)})`,
      long.memory,
      70e6,
      show.memory,
    ),
  ];
}

function table(rows: Row[]): Table {
  const lacks = ['tcpreplay', 'tcpdump'].filter((it) => !hasCommand(it));
  return {
    name: 'tzsp',
    title: 'TZSP: from the stream into the interface',
    about:
      `Baseline: \`tzsp2pcap -f | tcpreplay --topspeed -i dummy0 -\`, with ${REAL_TZSP2PCAP ? 'the real `tzsp2pcap`' : 'a stand-in for `tzsp2pcap` (the same system calls; it was not on PATH)'} and the real \`tcpreplay\`; ` +
      `frames of ${FRAME_BYTES} bytes from a packet socket in one namespace to a receiver in another; frames are counted by the interface (an ifb where the kernel has no dummy). ` +
      'Varde takes the kernel path by default where it may, and the user path otherwise (`--no-kernel`); both are shown. For the kernel path the interface is one end of a veth pair, and some frames go ahead of the measurement.' +
      (lacks.length > 0 ? ` Missing here: ${lacks.join(', ')}.` : ''),
    rows,
  };
}
