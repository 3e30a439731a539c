import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { TimelineAnswer } from '../../../src/view/api.ts';
import { Bars } from '../../chart/bars.tsx';
import { byType } from '../../chart/series.ts';
import { ErrorNotice, isIncomplete } from '../../part/notice.tsx';
import { searchAgain } from '../../part/search-line.tsx';
import { WhyEmpty } from '../../part/why-empty.tsx';
import { Working } from '../../part/working.tsx';
import { address } from '../../state/address.ts';
import { ask } from '../../state/api.ts';
import { useAsk } from '../../state/ask.ts';
import { checkExpression, syntaxFailure, withFilter } from '../../state/expression.ts';
import * as list from '../../state/list.ts';
import { nowMicros, openLive } from '../../state/live.ts';
import { type Bounds, boundsOf, isOpen } from '../../state/range.ts';
import { useFirstEvents, useTick } from '../../state/tick.ts';
import type { Column } from '../../table/columns.ts';
import { chosenColumns } from '../../table/chosen-columns.ts';
import { columnOf, neededFields } from '../../table/columns.ts';
import { EventTable } from '../../table/event-table.tsx';
import { typeExpression } from '../overview/links.ts';
import { ColumnMenu } from './column-menu.tsx';
import { Detail } from './detail.tsx';
import { ListLine } from './list-line.tsx';
import { useCursor } from './use-cursor.ts';
import { useNarrow } from './use-narrow.ts';
import { useTail } from './use-tail.ts';

/** What happened: the search's events, newest first, and one of them in full. */
export function Events() {
  const { q, range, id, sort } = address.value;
  const live = address.value.live && sort === 'newest';
  const narrow = useNarrow();
  const chosen = chosenColumns().join();
  const columns = useMemo(() => chosen.split(',').map(columnOf), [chosen]);
  const fields = neededFields(columns);
  const box = useRef<HTMLDivElement>(null);
  const [header, setHeader] = useState<{ column: Column; anchor: Element } | null>(null);
  const [asked, setAsked] = useState<{ q: string; bounds: Bounds; round: number }>();
  const { problem } = useMemo(() => checkExpression(q), [q]);
  const again = (): void => void searchAgain.value++;

  // The range is fixed at the moment of asking, so that list, histogram and export speak of the same events.
  useEffect(() => {
    // The station would only say the same as the search line does.
    if (problem !== null) return list.leave();
    const bounds = boundsOf(range, nowMicros());
    setAsked({ q, bounds, round: searchAgain.value });
    if (box.current) box.current.scrollTop = 0;
    list.search({ q, ...bounds, columns: fields, sort });
  }, [q, range, sort, fields.join(), searchAgain.value]);
  useEffect(() => list.leave, []);

  const tail = useTail({ live, box });
  // Closed ranges get no new rows, a list with the oldest first has no place for them, and a broken expression has none; the station's state is wanted all the same.
  const grows = isOpen(range) && sort === 'newest' && problem === null;
  useEffect(
    () =>
      openLive(grows ? { q, columns: fields.join(',') } : { rows: 0 }, list.arrive, () => {
        if (grows) list.overflow.value = 'missed';
      }),
    [q, grows, fields.join()],
  );

  const timeline = useAsk<TimelineAnswer>(
    asked && problem === null ? JSON.stringify([asked.q, asked.bounds, asked.round]) : null,
    (signal) => ask('timeline', { q: asked!.q, ...asked!.bounds, by: 'event.action', bins: narrow ? 60 : 160 }, signal),
    tail.tick,
  );
  const rows = list.rows.value;
  const cursor = useCursor({ rows, columns, id, again, tail });
  const phase = list.phase.value;
  const nothing = (phase === 'done' || phase === 'cancelled') && rows.length === 0;
  // Why there is nothing changes with time; a range that has ended stays as it is.
  const beat = useTick(nothing && isOpen(range));
  useFirstEvents(() => {
    if (nothing && isOpen(range)) again();
  });

  return (
    <main class={id === null ? 'events' : 'events with-detail'}>
      <h1 class="offscreen">Events</h1>
      <div class="list-side">
        <div class={timeline.stale ? 'panel strip stale' : 'panel strip'}>
          {problem !== null ? (
            <ErrorNotice failure={syntaxFailure(q, problem)} />
          ) : timeline.error ? (
            <ErrorNotice failure={timeline.error} again={timeline.again} />
          ) : timeline.value ? (
            <Bars
              title="Events over time"
              unit="event"
              bare
              answer={timeline.value}
              series={byType(timeline.value)}
              height={96}
              toSeries={(series) => ({
                page: 'events',
                q:
                  series.value === null
                    ? both(q, typeExpression(series))
                    : withFilter(q, 'event.action', series.value, false),
              })}
            />
          ) : (
            <Working asked={timeline} doing="Counting events over time" />
          )}
          {timeline.stale && <Working asked={timeline} doing="Counting events; this is from before" />}
        </div>
        <ListLine
          total={timeline.stale ? null : (timeline.value?.total ?? null)}
          incomplete={isIncomplete(timeline.value)}
          bounds={asked?.bounds ?? { from: null, to: null }}
          columns={columns}
          tail={tail}
          again={again}
        />
        {list.failure.value && <ErrorNotice failure={list.failure.value} again={again} />}
        {nothing && phase === 'done' && asked ? (
          <WhyEmpty q={asked.q} from={asked.bounds.from} to={asked.bounds.to} tick={tail.tick + beat.now} />
        ) : (
          <EventTable
            rows={rows}
            columns={columns}
            rowHeight={narrow ? 68 : 28}
            narrow={narrow}
            tight={id !== null}
            more={phase === 'done' && list.hasMore.value}
            stale={list.stale.value}
            cursor={cursor.index}
            place={cursor.place}
            openId={id}
            box={box}
            onOpen={cursor.open}
            onHeader={(column, anchor) => setHeader({ column, anchor })}
            onEnd={list.more}
            onPointer={tail.point}
            onScroll={tail.scrolled}
          />
        )}
      </div>
      {id !== null && <Detail id={id} columns={fields} />}
      {header && asked && <ColumnMenu {...header} bounds={asked.bounds} q={q} onClose={() => setHeader(null)} />}
    </main>
  );
}

function both(q: string, other: string): string {
  return q === '' ? other : `(${q}) AND ${other}`;
}
