import type { OutputReport, TzspReport } from '../../packet/tzsp/report.ts';

/** `1,234,567`; Intl would cost a small receiver several megabytes. */
const NUMBER = { format: (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',') };

/** One line about the last second. */
export function liveLine(report: TzspReport, before: TzspReport | null): string {
  const secs = before === null ? 1 : Math.max(0.001, (report.time - before.time) / 1000);
  const frames = total(report, 'frames');
  const rate = (frames - (before === null ? 0 : total(before, 'frames'))) / secs;
  const bits = ((total(report, 'bytes') - (before === null ? 0 : total(before, 'bytes'))) * 8) / secs;
  const outputs = report.outputs.map((it) => `${it.name}: ${NUMBER.format(it.frames)}${lost(it)}`);
  const parts = [
    `${NUMBER.format(Math.round(rate))} frames/s, ${(bits / 1e6).toFixed(1)} Mb/s`,
    `${report.routers.length} ${report.routers.length === 1 ? 'router' : 'routers'}`,
    ...outputs,
    ...troubles(report),
  ];
  return parts.join(' · ');
}

/** What became of all, at the end. */
export function summary(report: TzspReport): string[] {
  const lines = report.routers.map((it) => {
    const rejected = Object.entries(it.rejected).map(([reason, count]) => `${NUMBER.format(count)} ${reason}`);
    const rest = [
      ...(it.keepalives > 0 ? [`${NUMBER.format(it.keepalives)} keep-alives`] : []),
      ...(it.loops > 0 ? [`${NUMBER.format(it.loops)} of our own stream (a loop)`] : []),
      ...(it.duplicates > 0 ? [`${NUMBER.format(it.duplicates)} duplicates`] : []),
      ...rejected,
    ];
    return `${it.address}: ${NUMBER.format(it.frames)} frames, ${NUMBER.format(it.bytes)} bytes${rest.length > 0 ? `; ${rest.join(', ')}` : ''}`;
  });
  if (lines.length === 0) lines.push('no router sent anything');
  for (const it of report.outputs)
    lines.push(
      `${it.name}: ${NUMBER.format(it.frames)} frames${lost(it)}${it.reason === null ? '' : `; ${it.reason}`}`,
    );
  return [...lines, ...troubles(report)];
}

function troubles(report: TzspReport): string[] {
  const drops = report.sockets.reduce((sum, it) => sum + it.kernelDrops, 0);
  return [
    ...(drops > 0 ? [`${NUMBER.format(drops)} datagrams lost: the receive buffer was full`] : []),
    ...(report.refused.datagrams > 0
      ? [
          `${NUMBER.format(report.refused.datagrams)} datagrams refused from ${report.refused.senders[0]?.address ?? 'others'}`,
        ]
      : []),
  ];
}

function lost(output: OutputReport): string {
  const reasons = Object.entries(output.dropped).map(([reason, count]) => `${NUMBER.format(count)} ${reason}`);
  const mtu = output.mtuNeeded === null ? '' : `, needs MTU ${output.mtuNeeded}`;
  return reasons.length === 0 ? '' : ` (lost: ${reasons.join(', ')}${mtu})`;
}

function total(report: TzspReport, key: 'frames' | 'bytes'): number {
  return report.routers.reduce((sum, it) => sum + it[key], 0);
}
