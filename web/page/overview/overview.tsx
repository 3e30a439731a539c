import { useEffect, useMemo } from 'preact/hooks';
import type { Overview as OverviewAnswer, StationStatus } from '../../../src/view/api.ts';
import { Bars } from '../../chart/bars.tsx';
import { bySeverity, byType } from '../../chart/series.ts';
import { useKeys } from '../../part/keys.ts';
import { ErrorNotice, Incomplete, isIncomplete } from '../../part/notice.tsx';
import { WhyEmpty } from '../../part/why-empty.tsx';
import { Working } from '../../part/working.tsx';
import { address } from '../../state/address.ts';
import { ask } from '../../state/api.ts';
import { useAsk } from '../../state/ask.ts';
import { nowMicros, openLive, refreshStation, silentSince } from '../../state/live.ts';
import { boundsOf, isOpen } from '../../state/range.ts';
import { useFirstEvents, useTick } from '../../state/tick.ts';
import { Quarantine } from './quarantine.tsx';
import { Sources } from './sources.tsx';
import { StorePanel } from './store-panel.tsx';
import { TopLists } from './top-lists.tsx';
import { Totals } from './totals.tsx';
import { severityExpression, typeExpression } from './links.ts';

/** Is everything being seen? What happened? Is this bad? One screen, without a click. */
export function Overview() {
  const { range, view } = address.value;
  const tick = useTick(isOpen(range));
  // Sources and store are those of now, whatever range is looked at.
  const beat = useTick(true);
  const again = (): void => {
    tick.again();
    beat.again();
  };
  const key = JSON.stringify(range);
  const bounds = useMemo(() => boundsOf(range, nowMicros()), [key, tick.now]);
  const overview = useAsk(key, (signal) => ask<OverviewAnswer>('overview', { ...bounds }, signal), tick.now);
  const status = useAsk<StationStatus>('status', (signal) => refreshStation(signal), beat.now);
  // Aggregates over many events may take longer than the pause between two questions: then it is made longer.
  tick.pace(overview.value?.took_ms ?? 0);
  useEffect(() => openLive({ rows: 0 }, () => undefined, again), []);
  useEffect(() => {
    if (silentSince.value === null && overview.error) overview.again();
  }, [silentSince.value]);
  useFirstEvents(again);
  useKeys(view === 'quarantine' ? {} : { r: again });

  if (view === 'quarantine') return <Quarantine status={status.value} />;
  const answer = overview.value;
  return (
    <main class={overview.stale ? 'overview stale' : 'overview'} aria-busy={overview.busy && overview.stale}>
      <h1 class="offscreen">Overview</h1>
      {overview.stale && (
        <Working asked={overview} doing="Counting the events of the new range; what you see is from the one before" />
      )}
      {overview.error && <ErrorNotice failure={overview.error} again={overview.again} />}
      {!answer && !overview.error && <Working asked={overview} doing="Counting events" />}
      {answer && lacks(answer) && <Incomplete />}
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
            toSeries={(series) => ({ page: 'events', q: severityExpression(series, alerts) })}
          />
        )}
      </div>
    </>
  );
}

function lacks(answer: OverviewAnswer): boolean {
  return [answer, answer.events_by_type, answer.alerts_by_severity, ...Object.values(answer.top)].some(isIncomplete);
}
