import type { ChainReport } from '../../../src/view/api.ts';
import { ago, duration, exact, plural, timeTitle } from '../../part/format.ts';
import { Icon } from '../../part/icon.tsx';
import { shownText } from '../../part/text.ts';
import { Chain, HOP_WORDS, StateMark } from './chain.tsx';
import { ChainHistory } from './history.tsx';
import { millis, percent } from './words.ts';

const IDENTITY = {
  token: 'each line carries the signed token of its probe',
  ports: 'by addresses and ports alone: the log shows no payload (add payload: yes to the alerts of eve.json)',
  window: 'by rule and time alone: the log shows no payload (add payload: yes to the alerts of eve.json)',
};

interface ChainRowProps {
  chain: ChainReport;
  now: number;
  /** Cause that stands above all of them already: most often one thing is wrong for each. */
  told: ChainReport['cause'];
  open: boolean;
  onToggle(): void;
}

/** One heartbeat of a sensor: its chain in one line, and everything about it when unfolded. */
export function ChainRow({ chain, now, told, open, onToggle }: ChainRowProps) {
  const name = `${chain.path} ${chain.kind}`;
  return (
    <li class="heartbeat">
      <button class="fold" aria-expanded={open} onClick={onToggle}>
        <Icon name={open ? 'down' : 'right'} />
        <b>{chain.kind}</b>
        <bdi class="muted">
          {shownText(chain.path, 40)} → {shownText(chain.target, 60)}
        </bdi>
      </button>
      <span class={`verdict ${chain.state}`}>
        <StateMark state={chain.state} /> {chain.state}
      </span>
      <Chain hops={chain.hops} broken={chain.hop} label={`Way of ${name}`} />
      <Loss chain={chain} />
      {chain.state !== 'alive' && (open || chain.cause !== told) && <Cause chain={chain} />}
      {open && <Detail chain={chain} now={now} name={name} />}
    </li>
  );
}

/** What is wrong and what to do, in the station's words. */
export function Cause({ chain }: { chain: ChainReport }) {
  return (
    <p class={`cause ${chain.state}`}>
      <b>{shownText(chain.message, 400)}</b> {shownText(chain.remedy, 600)}{' '}
      {chain.cause !== null && <code class="muted">{shownText(chain.cause, 60)}</code>}
    </p>
  );
}

function Loss({ chain }: { chain: ChainReport }) {
  const window = chain.windows.find((one) => one.window === '5m' && one.loss_percent !== null);
  const used = window ?? chain.windows.find((one) => one.loss_percent !== null);
  if (used === undefined) return <span class="loss muted">nothing due yet</span>;
  const latency = used.latency.stored ?? used.latency.read ?? used.latency.alerted;
  return (
    <span
      class="loss"
      title={`Last ${used.window}: ${exact(used.lost)} of ${exact(used.sent)} lost${latency ? `; from sending to the store p50 ${millis(latency.p50)}, p95 ${millis(latency.p95)}, p99 ${millis(latency.p99)}` : ''}`}
    >
      <span class={used.lost > 0 ? 'bad' : ''}>{percent(used.loss_percent)} lost</span>
      {latency && <span class="muted"> · {millis(latency.p95)}</span>}
    </span>
  );
}

function Detail({ chain, now, name }: { chain: ChainReport; now: number; name: string }) {
  const refused = Object.entries(chain.refused).filter(([, count]) => count > 0);
  return (
    <div class="detail-of">
      <div class="scroll" tabIndex={0} role="region" aria-label={`Hops of ${name}`}>
        <table class="small hops">
          <thead>
            <tr>
              <th>Hop</th>
              <th>State</th>
              <th class="num">Last proof</th>
              <th>Evidence</th>
            </tr>
          </thead>
          <tbody>
            {chain.hops.map((hop) => (
              <tr key={hop.hop} class={hop.hop === chain.hop ? 'broken' : ''}>
                <td title={HOP_WORDS[hop.hop].title}>{HOP_WORDS[hop.hop].name}</td>
                <td>
                  <span class={`verdict ${hop.state}`}>
                    <StateMark state={hop.state} /> {hop.state}
                  </span>
                </td>
                <td class="num" {...(hop.last === null ? {} : { title: timeTitle(hop.last * 1000, now) })}>
                  {hop.last === null ? '–' : ago(hop.last, now, 1)}
                </td>
                <td class="evidence">
                  {hop.evidence.length === 0 && <span class="muted">none</span>}
                  {hop.evidence.map((line) => (
                    <p key={line}>{shownText(line, 300)}</p>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Windows chain={chain} name={name} />
      <p class="muted">
        A probe each {duration(chain.interval_secs * 1000)}. Last number sent: {chain.last_seq.sent ?? 'none'}, seen:{' '}
        {chain.last_seq.seen ?? 'none'}
        {chain.identity !== null && `; recognised: ${IDENTITY[chain.identity]}`}.
        {chain.gaps.length > 0 && ` Never came: ${gaps(chain)}.`}
        {refused.length > 0 &&
          ` Lines that did not count: ${refused.map(([reason, count]) => `${exact(count)} ${shownText(reason, 30)}`).join(', ')}.`}
      </p>
      <ChainHistory chain={chain} name={name} />
    </div>
  );
}

function gaps({ gaps: all }: ChainReport): string {
  const newest = all.slice(-8).toReversed();
  const words = newest.map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
  return all.length > newest.length ? `${words}, and ${plural(all.length - newest.length, 'older gap')}` : words;
}

function Windows({ chain, name }: { chain: ChainReport; name: string }) {
  const hops = (['answered', 'alerted', 'read', 'stored'] as const).filter((hop) =>
    chain.windows.some(({ latency }) => latency[hop] !== undefined),
  );
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Loss and latency of ${name}`}>
      <table class="small windows">
        <thead>
          <tr>
            <th>Last</th>
            <th class="num">Sent</th>
            <th class="num">Lost</th>
            <th class="num">Loss</th>
            {hops.map((hop) => (
              <th class="num" key={hop} title="50th, 95th and 99th percentile of the time since sending">
                {hop} p50 · p95 · p99
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {chain.windows.map((window) => (
            <tr key={window.window}>
              <td>{window.window.replace(/(\d+)/, '$1\u202f')}</td>
              <td class="num">{exact(window.sent)}</td>
              <td class={window.lost > 0 ? 'num bad' : 'num'}>{exact(window.lost)}</td>
              <td class="num">{percent(window.loss_percent)}</td>
              {hops.map((hop) => {
                const latency = window.latency[hop];
                return (
                  <td class="num" key={hop}>
                    {latency ? `${millis(latency.p50)} · ${millis(latency.p95)} · ${millis(latency.p99)}` : '–'}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
