import { useRef } from 'preact/hooks';
import type { SensorsAnswer, TzspReport } from '../../../src/view/api.ts';
import { ago, bytes, duration, exact, plural, rate, short, timeTitle } from '../../part/format.ts';
import { Icon } from '../../part/icon.tsx';
import { shownText } from '../../part/text.ts';
import { StateMark } from './chain.tsx';

type Router = TzspReport['routers'][number];
type Output = TzspReport['outputs'][number];

/** The first hop: what routers stream to this machine, and where it goes. */
export function Tzsp({ answer: { tzsp, tzsp_problems: problems, now } }: { answer: SensorsAnswer }) {
  if (tzsp === null && problems.length === 0) return null;
  const state = problems.some((one) => one.state === 'blind') ? 'blind' : problems.length > 0 ? 'late' : 'alive';
  return (
    <section class={`panel sensor ${state}`} aria-label="Router streams">
      <div class="sensor-row stream-row">
        <h2>Router streams</h2>
        <span class={`verdict big ${state}`}>
          <StateMark state={state} /> {state}
        </span>
        <span class="muted">TZSP, before the sensor: router → this machine → interface or file</span>
        {tzsp && <Receiver report={tzsp} />}
      </div>
      <div class="sensor-open stream-parts">
        {problems.map(({ code, message, remedy, state: how }) => (
          <p class={`cause ${how}`} key={code + message}>
            <Icon name="warn" /> <b>{shownText(message, 400)}</b> {shownText(remedy, 400)}{' '}
            <code class="muted">{shownText(code, 60)}</code>
          </p>
        ))}
        {tzsp && <Routers report={tzsp} now={now} />}
        {tzsp && <Outputs report={tzsp} now={now} />}
        {tzsp && <Rest report={tzsp} now={now} />}
      </div>
    </section>
  );
}

const PATHS: Record<TzspReport['path'], string> = {
  kernel: 'in the kernel (eBPF)',
  user: 'in user space',
  dgram: 'through Node’s sockets, into files only',
};

function Receiver({ report }: { report: TzspReport }) {
  return (
    <span class="numbers muted" title={report.noKernelPath ?? ''}>
      {plural(report.routers.length, 'router')} · {PATHS[report.path]}
    </span>
  );
}

/** Change per second since the answer before; null with the first. */
function useRate(report: TzspReport, of: (report: TzspReport) => Record<string, number>): Record<string, number> {
  const kept = useRef<{ time: number; counts: Record<string, number>; rates: Record<string, number> } | null>(null);
  const counts = of(report);
  const before = kept.current;
  if (before === null || before.time !== report.time) {
    const secs = before === null ? 0 : (report.time - before.time) / 1000;
    const rates: Record<string, number> = {};
    // A receiver that was started anew counts from nothing.
    for (const [name, count] of Object.entries(counts))
      if (secs > 0 && before !== null) rates[name] = Math.max(0, count - (before.counts[name] ?? 0)) / secs;
    kept.current = { time: report.time, counts, rates };
  }
  return kept.current!.rates;
}

const ofRouters = ({ routers }: TzspReport) => Object.fromEntries(routers.map((it) => [`r${it.address}`, it.frames]));
const ofOutputs = ({ outputs }: TzspReport) => Object.fromEntries(outputs.map((it) => [`o${it.name}`, it.frames]));

function Routers({ report, now }: { report: TzspReport; now: number }) {
  const rates = useRate(report, ofRouters);
  if (report.routers.length === 0)
    return (
      <p class="calm">
        No router streams to this machine yet. <code>varde tzsp setup</code> prints the commands for a MikroTik router;
        docs/tzsp.md goes through it.
      </p>
    );
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Routers">
      <table class="small streams">
        <thead>
          <tr>
            <th>Router</th>
            <th class="num">Last datagram</th>
            <th class="num">Frames now</th>
            <th class="num">Frames</th>
            <th class="num">Bytes</th>
            <th class="num" title="Passed on by the kernel, without this program">
              By kernel
            </th>
            <th class="num">Keep-alives</th>
            <th class="num" title="Longest time without any datagram, keep-alive or not">
              Longest silence
            </th>
            <th>Not passed on</th>
          </tr>
        </thead>
        <tbody>
          {report.routers.map((router) => (
            <tr key={router.address}>
              <td class="mono">{shownText(router.address, 60)}</td>
              <td class="num" title={timeTitle(router.lastSeen * 1000, now)}>
                {ago(router.lastSeen, now, 1)}
              </td>
              <td class="num">{rateOf(rates[`r${router.address}`])}</td>
              <td class="num" title={exact(router.frames)}>
                {short(router.frames)}
              </td>
              <td class="num" title={exact(router.bytes)}>
                {bytes(router.bytes)}
              </td>
              <td class="num" title={exact(router.kernelFrames)}>
                {short(router.kernelFrames)}
              </td>
              <td class="num" title={exact(router.keepalives)}>
                {short(router.keepalives)}
              </td>
              <td class="num">{duration(router.longestGapMs, 1)}</td>
              <td>{notPassed(router)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const rateOf = (value: number | undefined): string => (value === undefined ? '–' : rate(value));

const words = (counts: [string, number | undefined][]): string =>
  counts
    .filter(([, count]) => (count ?? 0) > 0)
    .map(([reason, count]) => `${short(count!)} ${reason.replaceAll('_', ' ')}`)
    .join(', ') || '–';

function notPassed({ rejected, loops, duplicates, sliced }: Router): string {
  return words([
    ['loop', loops],
    ['duplicate', duplicates],
    ...(Object.entries(rejected) as [string, number][]),
    ['cut short by the router', sliced],
  ]);
}

function Outputs({ report, now }: { report: TzspReport; now: number }) {
  const rates = useRate(report, ofOutputs);
  if (report.outputs.length === 0)
    return <p class="calm">No output is configured (tzsp.outputs): frames are only counted.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Outputs">
      <table class="small streams">
        <thead>
          <tr>
            <th>Output</th>
            <th>State</th>
            <th class="num">Last frame</th>
            <th class="num">Frames now</th>
            <th class="num">Frames</th>
            <th class="num">Bytes</th>
            <th class="num">MTU</th>
            <th>Dropped</th>
          </tr>
        </thead>
        <tbody>
          {report.outputs.map((output, index) => (
            <tr key={`${index} ${output.name}`}>
              <td class="mono" title={output.file === null ? '' : shownText(output.file, 300)}>
                {shownText(output.name, 80)}
              </td>
              <td>
                <span class={`verdict ${output.state === 'open' ? 'alive' : 'late'}`}>
                  <StateMark state={output.state === 'open' ? 'alive' : 'late'} /> {output.state}
                </span>
                {output.reason !== null && <span class="muted"> {shownText(output.reason, 200)}</span>}
              </td>
              <td class="num">{output.lastFrame === null ? '–' : ago(output.lastFrame, now, 1)}</td>
              <td class="num">{rateOf(rates[`o${output.name}`])}</td>
              <td class="num" title={exact(output.frames)}>
                {short(output.frames)}
              </td>
              <td class="num" title={exact(output.bytes)}>
                {bytes(output.bytes)}
              </td>
              <td class="num">{mtuOf(output)}</td>
              <td>{words(Object.entries(output.dropped))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function mtuOf({ mtu, mtuNeeded }: Output): string {
  return `${mtu ?? '–'}${mtuNeeded === null ? '' : `, needs ${mtuNeeded}`}`;
}

/** Sockets, and who is not believed. */
function Rest({
  report: { sockets, refused, forgotten, noKernelPath, started },
  now,
}: {
  report: TzspReport;
  now: number;
}) {
  return (
    <p class="muted">
      {sockets
        .map(
          ({ address, receiveBufferBytes, kernelDrops }) =>
            `Listens on ${shownText(address, 60)}: buffer ${bytes(receiveBufferBytes)}, ${plural(kernelDrops, 'datagram')} lost there`,
        )
        .join('. ')}
      . Counted since {ago(started, now, 1)}.
      {noKernelPath !== null && ` Not through the kernel: ${shownText(noKernelPath, 200)}.`}
      {forgotten > 0 && ` Forgot ${plural(forgotten, 'sender')} of which no frame ever came.`}
      {refused.datagrams > 0 &&
        ` Refused ${plural(refused.datagrams, 'datagram')} of ${refused.senders.map((sender) => shownText(sender.address, 60)).join(', ')}, which tzsp.routers does not name.`}
    </p>
  );
}
