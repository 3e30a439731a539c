import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Overview as OverviewAnswer, StationStatus } from '../../../src/view/api.ts';
import { Bars } from '../../chart/bars.tsx';
import { bySeverity, byType, type Series } from '../../chart/series.ts';
import { useKeys } from '../../part/keys.ts';
import { ErrorNotice } from '../../part/notice.tsx';
import { WhyEmpty } from '../../part/why-empty.tsx';
import { address } from '../../state/address.ts';
import { ask } from '../../state/api.ts';
import { useAsk } from '../../state/ask.ts';
import { only } from '../../state/expression.ts';
import { liveStatus, nowMicros, openLive, refreshStation, silentSince } from '../../state/live.ts';
import { boundsOf, isOpen } from '../../state/range.ts';
import { Quarantine } from './quarantine.tsx';
import { Sources } from './sources.tsx';
import { StorePanel } from './store-panel.tsx';
import { TopLists } from './top-lists.tsx';
import { Totals } from './totals.tsx';
import { typeExpression } from './links.ts';

const REFRESH_MILLIS = 5000;

/** Is everything being seen? What happened? Is this bad? One screen, without a click. */
export function Overview() {
  const { range, view } = address.value;
  const tick = useTick(isOpen(range));
  const key = JSON.stringify(range);
  const bounds = useMemo(() => boundsOf(range, nowMicros()), [key, tick.now]);
  const overview = useAsk(key, (signal) => ask<OverviewAnswer>('overview', { ...bounds }, signal), tick.now);
  const status = useAsk<StationStatus>('status', (signal) => refreshStation(signal), tick.now);
  // Aggregates over many events may take longer than the pause between two questions: then it is made longer.
  tick.pace(overview.value?.took_ms ?? 0);
  useEffect(() => openLive({ rows: 0 }, () => undefined, tick.again), []);
  useEffect(() => {
    if (silentSince.value === null && overview.error) overview.again();
  }, [silentSince.value]);
  // The first events of an empty store are not kept waiting for the next round.
  const stored = liveStatus.value?.events ?? 0;
  const storedBefore = useRef(stored);
  useEffect(() => {
    if (storedBefore.current === 0 && stored > 0) tick.again();
    storedBefore.current = stored;
  }, [stored]);
  useKeys(view === 'quarantine' ? {} : { r: tick.again });

  if (view === 'quarantine') return <Quarantine status={status.value} />;
  const answer = overview.value;
  return (
    <main class={overview.stale ? 'overview stale' : 'overview'} aria-busy={overview.busy && overview.stale}>
      <h1 class="offscreen">Overview</h1>
      {overview.stale && (
        <p class="working" role="status">
          Counting the events of the new range … what you see is from the one before.
        </p>
      )}
      {overview.error && <ErrorNotice failure={overview.error} again={overview.again} />}
      {!answer && !overview.error && (
        <p class="working" role="status">
          Counting events …
        </p>
      )}
      {answer && <Totals totals={answer.totals} status={status.value} />}
      {answer && answer.totals.events === 0 && !overview.stale && (
        <WhyEmpty q="" from={bounds.from} to={bounds.to} tick={tick.now} />
      )}
      {answer && answer.totals.events > 0 && <Charts answer={answer} />}
      {status.error && !status.value && <ErrorNotice failure={status.error} again={status.again} />}
      {status.value && <Sources status={status.value} />}
      {status.value && <StorePanel status={status.value} />}
      {answer && answer.totals.events > 0 && <TopLists answer={answer} />}
    </main>
  );
}

function Charts({ answer }: { answer: OverviewAnswer }) {
  const alerts = bySeverity(answer.alerts_by_severity);
  return (
    <>
      <div class="panel types">
        <Bars
          title="Events by type"
          unit="event"
          answer={answer.events_by_type}
          series={byType(answer.events_by_type)}
          height={168}
          toSeries={(series) => ({ page: 'events', q: typeExpression(series) })}
        />
      </div>
      <div class="panel alerts">
        {answer.totals.alerts === 0 ? (
          <section class="chart">
            <header>
              <h2>Alerts by severity</h2>
            </header>
            <p class="calm">No alert in this range.</p>
          </section>
        ) : (
          <Bars
            title="Alerts by severity"
            unit="alert"
            answer={answer.alerts_by_severity}
            series={alerts}
            height={168}
            toSeries={severityAddress}
          />
        )}
      </div>
    </>
  );
}

function severityAddress(series: Series) {
  const alert = only('event.kind', 'alert');
  const severity = series.value === null ? 'NOT event.severity:*' : only('event.severity', series.value);
  return { page: 'events' as const, q: `${alert} AND ${severity}` };
}

/** Counts up each five seconds while the page is looked at; slower where answers take long. */
function useTick(running: boolean): { now: number; again(): void; pace(tookMillis: number): void } {
  const [now, setNow] = useState(0);
  const [pause, setPause] = useState(REFRESH_MILLIS);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow((n) => n + 1);
    }, pause);
    return () => clearInterval(timer);
  }, [running, pause]);
  return {
    now,
    again: () => setNow((n) => n + 1),
    pace(took) {
      const next = Math.max(REFRESH_MILLIS, Math.ceil((took * 10) / 5000) * 5000);
      if (next !== pause) setPause(next);
    },
  };
}
