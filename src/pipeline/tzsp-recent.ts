import type { DropReason, OutputReport, RouterReport, TzspReport } from '../packet/tzsp/report.ts';

const WINDOW_MS = 300_000;
const STEP_MS = 10_000;

type Counts = ReadonlyMap<string, number>;

/** How much a receiver's counters grew within the last five minutes: what was lost last week is no trouble of today. */
export class TzspRecent {
  /** One about each ten seconds, the oldest first: that is what the newest is compared with. */
  private readonly kept: { at: number; counts: Counts }[] = [];
  private newest: Counts = new Map();
  private started: number | null = null;

  /** To be given each report. @param at milliseconds of a clock that is never set */
  take(report: TzspReport, at = performance.now()): void {
    const { kept } = this;
    // A receiver counts from nothing when it starts.
    if (report.started !== this.started) kept.splice(0, kept.length, { at, counts: new Map() });
    this.started = report.started;
    this.newest = countsOf(report);
    if (at - kept.at(-1)!.at >= STEP_MS) kept.push({ at, counts: this.newest });
    while (kept.length > 1 && at - kept[1]!.at >= WINDOW_MS) kept.shift();
  }

  kernelDrops(): number {
    return this.growth('drops');
  }

  router({ address }: RouterReport): { frames: number; sliced: number; loops: number } {
    const of = (what: string): number => this.growth(`${what} ${address}`);
    return { frames: of('frames'), sliced: of('sliced'), loops: of('loops') };
  }

  /** Frames that an output dropped, by reason, the most first. @param place in the report's outputs */
  dropped({ dropped }: OutputReport, place: number): [reason: DropReason, frames: number][] {
    return (Object.keys(dropped) as DropReason[])
      .map((reason): [DropReason, number] => [reason, this.growth(`${reason} ${place}`)])
      .filter(([, frames]) => frames > 0)
      .sort(([, one], [, other]) => other - one);
  }

  private growth(key: string): number {
    const now = this.newest.get(key) ?? 0;
    const before = this.kept[0]?.counts.get(key) ?? 0;
    // A router that was forgotten and met again counts from nothing, too.
    return now >= before ? now - before : now;
  }
}

function countsOf({ sockets, routers, outputs }: TzspReport): Counts {
  const counts = new Map<string, number>();
  const put = (key: string, count: number): void => {
    if (count > 0) counts.set(key, count);
  };
  put(
    'drops',
    sockets.reduce((sum, { kernelDrops }) => sum + kernelDrops, 0),
  );
  for (const { address, frames, sliced, loops } of routers) {
    put(`frames ${address}`, frames);
    put(`sliced ${address}`, sliced);
    put(`loops ${address}`, loops);
  }
  for (const [place, { dropped }] of outputs.entries())
    for (const [reason, count] of Object.entries(dropped)) put(`${reason} ${place}`, count);
  return counts;
}
