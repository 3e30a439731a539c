import type { ChainReport, SensorReport } from '../../../src/view/api.ts';
import { duration, exact, plural } from '../../part/format.ts';
import { Icon } from '../../part/icon.tsx';
import { shownText } from '../../part/text.ts';
import { Cause, ChainRow } from './chain-detail.tsx';
import { Chain, StateMark } from './chain.tsx';
import { Health } from './health.tsx';
import { percent } from './words.ts';

interface SensorPanelProps {
  sensor: SensorReport;
  now: number;
  open: boolean;
  /** Which of its heartbeats is unfolded, as `path/kind`. */
  unfolded: string;
  onToggle(): void;
  onUnfold(chain: string): void;
}

export const keyOf = (chain: ChainReport): string => `${chain.path}/${chain.kind}`;

const ORDER = ['blind', 'late', 'unknown', 'alive'];

/** The chain that tells most: the one in the worst state. */
export function worstOf(chains: readonly ChainReport[]): ChainReport | undefined {
  return chains.toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state))[0];
}

/** One sensor: whether it lives, where the chain broke, and what to do; all its heartbeats and its health when unfolded. */
export function SensorPanel({ sensor, now, open, unfolded, onToggle, onUnfold }: SensorPanelProps) {
  const worst = worstOf(sensor.chains);
  const sick = sensor.chains.filter(({ state }) => state === 'blind' || state === 'late').length;
  return (
    <section class={`panel sensor ${sensor.state}`} aria-label={`Sensor ${sensor.name}`}>
      <div class="sensor-row">
        <h2>
          <button class="fold" aria-expanded={open} onClick={onToggle}>
            <Icon name={open ? 'down' : 'right'} />
            <bdi>{shownText(sensor.name, 63)}</bdi>
          </button>
        </h2>
        <span class={`verdict big ${sensor.state}`}>
          <StateMark state={sensor.state} /> {sensor.state}
        </span>
        {worst ? (
          <Chain hops={worst.hops} broken={worst.hop} label={`Way of the heartbeat through ${sensor.name}`} />
        ) : (
          <span class="muted">no heartbeat is sent through it</span>
        )}
        <Numbers sensor={sensor} />
      </div>
      {worst && worst.state !== 'alive' ? (
        <div class="sensor-why">
          <Cause chain={worst} />
          {sensor.chains.length > 1 && (
            <p class="muted">
              {sick} of {plural(sensor.chains.length, 'heartbeat')} {sick === 1 ? 'is' : 'are'} not well; shown is{' '}
              {worst.kind} on {shownText(worst.path, 40)}.
            </p>
          )}
        </div>
      ) : (
        sensor.state !== 'alive' && <p class={`sensor-why cause ${sensor.state}`}>{shownText(sensor.message, 400)}</p>
      )}
      {open && (
        <div class="sensor-open">
          {sensor.chains.length > 0 && (
            <ul class="heartbeats" aria-label={`Heartbeats of ${sensor.name}`}>
              {sensor.chains.map((chain) => (
                <ChainRow
                  key={keyOf(chain)}
                  chain={chain}
                  now={now}
                  told={worst?.cause ?? null}
                  open={unfolded === keyOf(chain)}
                  onToggle={() => onUnfold(unfolded === keyOf(chain) ? '' : keyOf(chain))}
                />
              ))}
            </ul>
          )}
          <Health health={sensor.health} name={sensor.name} now={now} />
        </div>
      )}
    </section>
  );
}

/** The few numbers that a row has room for. */
function Numbers({ sensor: { health } }: { sensor: SensorReport }) {
  const drops = health.drop_percent.of_both;
  const parts = [
    health.version === null ? null : `Suricata ${shownText(health.version, 20)}`,
    health.uptime_secs === null ? null : `up ${duration(health.uptime_secs * 1000, 1)}`,
    health.rules === null ? null : `${exact(health.rules.loaded)} rules`,
  ].filter((part) => part !== null);
  return (
    <span class="numbers muted">
      {parts.join(' · ')}
      {drops !== null && <span class={drops > 0 ? 'bad' : ''}> · {percent(drops)} dropped</span>}
    </span>
  );
}
