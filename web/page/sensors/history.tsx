import type { ChainReport, SensorHealth, TimelineAnswer } from '../../../src/view/api.ts';
import { Bars } from '../../chart/bars.tsx';
import type { LineAnswer } from '../../chart/line-plot.ts';
import { Lines } from '../../chart/lines.tsx';
import type { Series } from '../../chart/series.ts';
import { rate } from '../../part/format.ts';
import { range } from '../../state/address.ts';
import { nowMicros } from '../../state/live.ts';
import { boundsOf } from '../../state/range.ts';
import { millis } from './words.ts';

const DAY = 86_400e6;
const MIN_BIN = 1e6;
const MAX_BINS = 400;

/** What lies in the range of the page; at most the day that the station remembers. Microseconds. */
function span(times: readonly number[]): { from: number; to: number; bin: number } | null {
  const now = nowMicros();
  const bounds = boundsOf(range.value, now);
  const to = Math.min(bounds.to ?? now, now);
  const from = Math.max(bounds.from ?? now - DAY, to - DAY, times[0] ?? to);
  if (!(from < to)) return null;
  const apart = times.slice(1).map((time, index) => time - times[index]!);
  return { from, to, bin: Math.max(MIN_BIN, (to - from) / MAX_BINS, Math.min(...apart, to - from)) };
}

function inside<T extends readonly [number, ...unknown[]]>(history: readonly T[]) {
  const times = history.map(([time]) => time * 1000);
  const found = span(times);
  // The bin that the range begins in belongs to it.
  const rows =
    found === null ? [] : history.filter(([time]) => time * 1000 >= found.from - found.bin && time * 1000 < found.to);
  return found === null || rows.length === 0 ? null : { ...found, rows };
}

/** Probes that came and that were lost, and how long they took. */
export function ChainHistory({ chain, name }: { chain: ChainReport; name: string }) {
  const shown = inside(chain.history);
  if (shown === null) return <NoHistory />;
  const { from, to, bin, rows } = shown;
  const bins = Math.max(1, Math.ceil((to - from) / bin));
  const [came, lost] = [noughts(bins), noughts(bins)];
  for (const [time, sent, missing] of rows) {
    const index = Math.min(bins - 1, Math.max(0, Math.floor((time * 1000 - from) / bin)));
    came[index]! += sent - missing;
    lost[index]! += missing;
  }
  const series: Series[] = [
    { value: null, label: 'lost', colour: '--sev1', counts: lost, total: sum(lost) },
    { value: null, label: 'came', colour: '--series-tls', counts: came, total: sum(came) },
  ];
  const answer: TimelineAnswer = {
    from,
    bin,
    bins,
    total: sum(came) + sum(lost),
    series: series.map(({ label, counts }) => ({ name: label, counts })),
  };
  const latency: LineAnswer = {
    from,
    to,
    times: rows.map(([time]) => time * 1000),
    series: [{ label: 'p95', colour: '--series-http', values: rows.map((row) => row[3]) }],
  };
  return (
    <div class="histories">
      <Bars title={`Probes of ${name}`} unit="probe" answer={answer} series={series} height={112} />
      <Lines title={`Latency of ${name}, p95`} answer={latency} height={112} label={millis} />
    </div>
  );
}

/** What Suricata captured and what it dropped. */
export function CaptureHistory({ health, name }: { health: SensorHealth; name: string }) {
  const shown = inside(health.history);
  if (shown === null) return null;
  const { from, to, rows } = shown;
  const lines = (index: 1 | 2, label: string, colour: string): LineAnswer => ({
    from,
    to,
    times: rows.map(([time]) => time * 1000),
    series: [{ label, colour, values: rows.map((row) => row[index]) }],
  });
  return (
    <div class="histories">
      <Lines title={`Packets of ${name}`} answer={lines(1, 'packets', '--series-dns')} height={112} label={rate} />
      <Lines title={`Drops of ${name}`} answer={lines(2, 'drops', '--series-alert')} height={112} label={rate} />
    </div>
  );
}

function NoHistory() {
  return <p class="calm">No probe in this time range. The station remembers the last 24 hours of each heartbeat.</p>;
}

function noughts(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
