import type { ComponentChildren } from 'preact';
import type { SensorHealth } from '../../../src/view/api.ts';
import { ago, duration, exact, short, timeTitle } from '../../part/format.ts';
import { Icon } from '../../part/icon.tsx';
import { shownText } from '../../part/text.ts';
import { CaptureHistory } from './history.tsx';
import { millis, percent } from './words.ts';

const SOCKET: Record<SensorHealth['command_socket'], string> = {
  answers: 'answers',
  silent: 'does not answer',
  refused: 'nobody listens behind it',
  unreadable: 'may not be opened by this user',
  absent: 'not there',
  not_configured: 'not configured',
};

/** What Suricata says of itself, by its stats events and its command socket. */
export function Health({ health, name, now }: { health: SensorHealth; name: string; now: number }) {
  const drops = health.drop_percent;
  return (
    <section class="health-of" aria-label={`Suricata of ${name}`}>
      {health.problems.map((problem) => (
        <p class="problem" key={problem.code + problem.message}>
          <Icon name="warn" /> <b>{shownText(problem.message, 400)}</b> {shownText(problem.remedy, 400)}{' '}
          <code class="muted">{shownText(problem.code, 60)}</code>
        </p>
      ))}
      <dl class="facts">
        <Fact name="Suricata">{health.version === null ? '–' : shownText(health.version, 60)}</Fact>
        <Fact name="Uptime">{health.uptime_secs === null ? '–' : duration(health.uptime_secs * 1000)}</Fact>
        <Fact name="Stats" {...at(health.stats_arrived, now)}>
          {health.stats_arrived === null ? 'none yet' : ago(health.stats_arrived, now, 1)}
        </Fact>
        <Fact name="Packets" {...exactly(health.packets)}>
          {count(health.packets)}
        </Fact>
        <Fact name="Drops" {...exactly(health.drops)}>
          {count(health.drops)}
          <span class={(drops.of_both ?? 0) > 0 ? 'bad' : 'muted'}>
            {drops.of_both !== null && ` · now ${percent(drops.of_both)}`}
          </span>
        </Fact>
        <Fact name="Decoded" {...exactly(health.decoded)}>
          {count(health.decoded)}
        </Fact>
        <Fact name="Invalid checksums" {...exactly(health.invalid_checksums)}>
          {count(health.invalid_checksums)}
        </Fact>
        <Fact name="Alerts" {...exactly(health.alerts)}>
          {count(health.alerts)}
        </Fact>
        <Fact name="Memcap drops" {...exactly(health.memcap_drops)}>
          {count(health.memcap_drops)}
          {health.memuse_percent !== null && <span class="muted"> · {percent(health.memuse_percent)} in use</span>}
        </Fact>
        <Fact name="Rules">
          {health.rules === null ? '–' : `${exact(health.rules.loaded)} loaded`}
          {health.rules !== null && health.rules.failed > 0 && (
            <span class="bad"> · {exact(health.rules.failed)} failed</span>
          )}
          {(health.rules?.skipped ?? 0) > 0 && <span class="muted"> · {exact(health.rules!.skipped!)} skipped</span>}
        </Fact>
        <Fact name="Last reload" {...at(health.last_reload, now)}>
          {health.last_reload === null ? '–' : ago(health.last_reload, now, 1)}
        </Fact>
        <Fact name="Clock" hint="Arrival of a line minus the time of its packet, median of the last lines">
          {health.skew_ms === null
            ? '–'
            : `${millis(Math.abs(health.skew_ms))} ${health.skew_ms < 0 ? 'ahead' : 'behind'}`}
        </Fact>
        <Fact name="Interface">
          {health.interface === null
            ? 'not configured'
            : `${shownText(health.interface.name, 20)} ${LINK.get(health.interface.up) ?? ''}`}
          {health.interface !== null && health.interface.packets !== null && (
            <span class="muted"> · {short(health.interface.packets)} packets</span>
          )}
        </Fact>
        <Fact
          name="Command socket"
          hint="sensors[].command_socket in the config: it tells more when something is wrong"
        >
          {SOCKET[health.command_socket]}
        </Fact>
      </dl>
      <CaptureHistory health={health} name={name} />
    </section>
  );
}

const LINK = new Map<boolean | null, string>([
  [true, 'up'],
  [false, 'down'],
  [null, 'unknown'],
]);

function Fact({ name, hint, children }: { name: string; hint?: string; children: ComponentChildren }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function count(value: number | null): string {
  return value === null ? '–' : short(value);
}

function exactly(value: number | null): { hint?: string } {
  return value === null ? {} : { hint: exact(value) };
}

function at(millisOf: number | null, now: number): { hint?: string } {
  return millisOf === null ? {} : { hint: timeTitle(millisOf * 1000, now) };
}
