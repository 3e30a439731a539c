import { useEffect, useRef, useState } from 'preact/hooks';
import type { Lamp, SourceReport, StationStatus } from '../../src/view/api.ts';
import { failureOf, isAbort, type Failure } from '../state/api.ts';
import { lamp, liveStatus, refreshStation, silentSince, station } from '../state/live.ts';
import { ago, bytes, duration, exact, rate } from './format.ts';
import { Floating } from './floating.tsx';
import { Icon } from './icon.tsx';
import { Link } from './link.tsx';
import { shownText } from './text.ts';

const MEANING: Record<Lamp, string> = {
  alive: 'What is written is read and stored; where a heartbeat is sent, it comes through.',
  late: 'Events come, but later than they should.',
  blind: 'Nothing is being seen.',
  unknown: 'Whether everything is seen cannot be told.',
};

export function HealthLamp() {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const { state, reason } = lamp.value;
  return (
    <>
      <button
        ref={button}
        class={`field lamp ${state}`}
        title={shownText(reason, 300)}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={`Health: ${state}`}
        onClick={() => setOpen(true)}
      >
        <i />
        {state}
      </button>
      {open && (
        <Floating anchor={button.current!} label="Health" class="health" onClose={() => setOpen(false)}>
          <Health onClose={() => setOpen(false)} />
        </Floating>
      )}
    </>
  );
}

function Health({ onClose }: { onClose(): void }) {
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    const control = new AbortController();
    const again = (): void =>
      void refreshStation(control.signal).then(
        () => setFailure(null),
        (error: unknown) => !isAbort(error) && setFailure(failureOf(error)),
      );
    again();
    const timer = setInterval(again, 2000);
    return () => {
      clearInterval(timer);
      control.abort();
    };
  }, []);
  const { state, reason } = lamp.value;
  const now = station.value;
  return (
    <>
      <div class="box-head">
        <h2 class={`lamp ${state}`}>
          <i />
          {state}
        </h2>
        <button class="plain" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <p>{shownText(reason, 400)}</p>
      <p class="muted">{MEANING[state]}</p>
      {silentSince.value !== null && (
        <p class="bad">No word since {ago(silentSince.value, Date.now())}. The page keeps trying.</p>
      )}
      {failure && (
        <p class="bad">
          {shownText(failure.message, 300)} {shownText(failure.remedy, 300)}
        </p>
      )}
      {now?.config_error && (
        <p class="bad">The new config is broken, the old one goes on: {shownText(now.config_error, 400)}</p>
      )}
      {now?.store.waiting && (
        <p class="bad">{shownText(now.store.waiting.message, 300)} New lines wait in their files.</p>
      )}
      {now && <HealthTable status={now} />}
      {now && (
        <p class="muted">
          {now.demo ? 'Demo · ' : ''}Varde {now.version} · up {duration(now.now - now.started)} ·{' '}
          {rate(liveStatus.value?.events_per_sec ?? now.events_per_sec)} · {bytes(now.memory_bytes)} memory · process{' '}
          {now.pid}
        </p>
      )}
      <p>
        <Link to={{ page: 'sensors', view: '' }}>Sensors and their heartbeat</Link> ·{' '}
        <Link to={{ page: 'overview', view: '' }}>Sources and store on the overview</Link>
      </p>
    </>
  );
}

function HealthTable({ status }: { status: StationStatus }) {
  if (status.sources.length === 0) return <p>No source is configured.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Accounting of the sources">
      <table class="small">
        <thead>
          <tr>
            <th>Source</th>
            <th class="num">Last line</th>
            <th class="num">Waiting</th>
            <th class="num">Read</th>
            <th class="num">= stored</th>
            <th class="num">+ quarantined</th>
            <th class="num">+ in flight</th>
          </tr>
        </thead>
        <tbody>
          {status.sources.map((source) => (
            <SourceLines key={source.id} source={source} now={status.now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SourceLines({ source, now }: { source: SourceReport; now: number }) {
  const { accounting } = source;
  return (
    <>
      <tr>
        <td class="mono">{shownText(source.id, 40)}</td>
        <td class="num">{source.last_line === null ? 'none yet' : ago(source.last_line, now)}</td>
        <td class="num">{bytes(source.lag_bytes)}</td>
        <td class="num">{exact(accounting.lines_read)}</td>
        <td class="num">{exact(accounting.events_stored)}</td>
        <td class="num">{exact(accounting.lines_quarantined)}</td>
        <td class="num">{exact(accounting.in_flight)}</td>
      </tr>
      {source.problems.map((problem) => (
        <tr key={problem.code + problem.message}>
          <td colSpan={7} class="bad">
            {shownText(problem.message, 300)} <span class="muted">{shownText(problem.remedy, 300)}</span>
          </td>
        </tr>
      ))}
    </>
  );
}
