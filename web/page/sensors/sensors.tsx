import { useEffect, useState } from 'preact/hooks';
import type { SensorsAnswer } from '../../../src/view/api.ts';
import { ago, plural } from '../../part/format.ts';
import { say } from '../../part/copy.ts';
import { useKeys } from '../../part/keys.ts';
import { ErrorNotice } from '../../part/notice.tsx';
import { shownText } from '../../part/text.ts';
import { address, go } from '../../state/address.ts';
import { ask, failureOf, post } from '../../state/api.ts';
import { useAsk } from '../../state/ask.ts';
import { lamp, openLive, refreshStation, silentSince } from '../../state/live.ts';
import { NoHeartbeat } from './empty.tsx';
import { SensorPanel } from './sensor-panel.tsx';
import { Tzsp } from './tzsp.tsx';

const REFRESH_MILLIS = 3000;
/** In the address: no sensor is unfolded although there is only one. */
const NONE = '-';

/** Is the chain from the wire to the store alive, and which hop broke? */
export function Sensors() {
  const { view, tab } = address.value;
  const [tick, setTick] = useState(0);
  const again = (): void => setTick((n) => n + 1);
  useEffect(() => openLive({ rows: 0 }, () => undefined, again), []);
  useEffect(() => {
    void refreshStation().catch(() => undefined);
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') again();
    }, REFRESH_MILLIS);
    return () => clearInterval(timer);
  }, []);
  // The lamp comes by the event stream: what it tells of is shown at once.
  const { state, reason } = lamp.value;
  useEffect(again, [state, reason]);
  // Histories are long: without an unfolded sensor they are left out.
  const overview = useAsk('all', (signal) => ask<SensorsAnswer>('sensors', { brief: 1 }, signal), tick);
  const answer = overview.value;
  const names = answer?.sensors.map(({ name }) => name) ?? [];
  const open = view === '' && names.length === 1 ? names[0]! : view;
  const detail = useAsk(
    names.includes(open) ? `of ${open}` : null,
    (signal) => ask<SensorsAnswer>('sensors', { sensor: open }, signal),
    tick,
  );
  useEffect(() => {
    if (silentSince.value === null && overview.error) overview.again();
  }, [silentSince.value]);
  useKeys({ r: again });

  const whole = detail.value?.sensors.find(({ name }) => name === open);
  return (
    <main class="sensors-page">
      <div class="sub-head">
        <h1>Sensors</h1>
        {answer && <Summary answer={answer} />}
        {answer?.demo && <DemoButton broken={answer.demo.broken} done={again} />}
      </div>
      {overview.error && <ErrorNotice failure={overview.error} again={overview.again} />}
      {!answer && !overview.error && (
        <p class="working" role="status">
          Asking the station for its sensors …
        </p>
      )}
      {answer && answer.sensors.every(({ chains }) => chains.length === 0) && <NoHeartbeat />}
      {answer && <Tzsp answer={answer} />}
      {answer?.sensors.map((sensor) => (
        <SensorPanel
          key={sensor.name}
          sensor={sensor.name === open && whole ? whole : sensor}
          now={answer.now}
          open={sensor.name === open && whole !== undefined}
          unfolded={tab}
          onToggle={() => go({ view: sensor.name === open ? NONE : sensor.name, tab: '' })}
          onUnfold={(chain) => go({ view: sensor.name, tab: chain })}
        />
      ))}
      {detail.error && <ErrorNotice failure={detail.error} again={detail.again} />}
      {answer && <Notifications answer={answer} />}
    </main>
  );
}

function Summary({ answer }: { answer: SensorsAnswer }) {
  const counts = new Map<string, number>();
  for (const { state } of answer.sensors) counts.set(state, (counts.get(state) ?? 0) + 1);
  return (
    <span class="muted" role="status">
      {plural(answer.sensors.length, 'sensor')}
      {['blind', 'late', 'unknown', 'alive']
        .filter((state) => counts.has(state))
        .map((state) => ` · ${counts.get(state)} ${state}`)
        .join('')}
    </span>
  );
}

/** Only in the demo: breaks a hop of its made-up sensor, so that a visitor sees the verdict change. */
function DemoButton({ broken, done }: { broken: boolean; done(): void }) {
  const press = async (): Promise<void> => {
    try {
      await post('demo', { broken: !broken });
      say(broken ? 'Mended: the next probes will come through' : 'Broken: watch the chain');
    } catch (error) {
      say(failureOf(error).message);
    }
    done();
  };
  return (
    <button class={broken ? 'main' : ''} onClick={() => void press()}>
      Demo: {broken ? 'mend the hop' : 'break a hop'}
    </button>
  );
}

function Notifications({ answer: { notify, now } }: { answer: SensorsAnswer }) {
  return (
    <section class="panel told" aria-label="Notifications">
      <header>
        <h2>Being told</h2>
      </header>
      {notify.channels.length === 0 ? (
        <p class="calm">
          Nobody is told when a sensor goes blind. Add a channel (mail, webhook or ntfy) to <code>notify.channels</code>
          : docs/notify.md
        </p>
      ) : (
        <p class="calm">
          Through {notify.channels.map((name) => shownText(name, 63)).join(', ')}.{' '}
          {notify.pending > 0 && <b class="warn">{plural(notify.pending, 'message')} not delivered yet. </b>}
          {notify.last === null ? (
            'Nothing had to be told so far.'
          ) : (
            <span class={notify.last.ok ? '' : 'bad'}>
              Last: {ago(notify.last.time, now)} by {shownText(notify.last.channel, 63)},{' '}
              {notify.last.ok ? 'delivered' : 'failed'}: {shownText(notify.last.message, 300)}
            </span>
          )}
        </p>
      )}
    </section>
  );
}
