import type { EmptyReason, SourceReport } from '../../src/view/api.ts';
import { type Address, go, range } from '../state/address.ts';
import { ask } from '../state/api.ts';
import { useAsk } from '../state/ask.ts';
import { nowMicros } from '../state/live.ts';
import { ago, exact, localTime, plural } from './format.ts';
import { copyText } from './copy.ts';
import { EmptyNotice, ErrorNotice } from './notice.tsx';
import { shownText } from './text.ts';
import { Working } from './working.tsx';

interface WhyEmptyProps {
  q: string;
  from: number | null;
  to: number | null;
  /** Raised to ask again: something may have come. */
  tick: number;
}

/** Nothing is shown: asks the station why, and offers the way out. */
export function WhyEmpty({ q, from, to, tick }: WhyEmptyProps) {
  const asked = useAsk(
    // A range that ends now moves on; the question stays the same.
    JSON.stringify([q, range.value]),
    (signal) => ask<EmptyReason>('empty', { q, from, to }, signal),
    tick,
  );
  if (asked.error && !asked.value) return <ErrorNotice failure={asked.error} again={asked.again} />;
  if (!asked.value || asked.stale)
    return <EmptyNotice title="Nothing here">{<Working asked={asked} doing="Finding out why" />}</EmptyNotice>;
  return <Reason why={asked.value} q={q} to={to} />;
}

function Reason({ why, q, to }: { why: EmptyReason; q: string; to: number | null }) {
  switch (why.reason) {
    case 'not_configured':
      return (
        <EmptyNotice title="No log is being followed yet">
          <p>Varde runs, but no source is configured. On the machine where Suricata writes its log:</p>
          <Command text={why.command} />
        </EmptyNotice>
      );
    case 'no_events':
      return (
        <EmptyNotice title="No events yet">
          <p>Nothing has been stored so far. The sources are being followed; events appear here by themselves.</p>
          <ul>
            {why.sources.map((source) => (
              <SourceState key={source.id} source={source} />
            ))}
          </ul>
        </EmptyNotice>
      );
    case 'source_unreadable':
      return (
        <EmptyNotice title="A log file may not be read">
          <p>
            <code>{shownText(why.path, 200)}</code>: {shownText(why.message, 300)}
          </p>
          <p>{shownText(why.remedy, 300)}</p>
        </EmptyNotice>
      );
    case 'none_match':
      return (
        <EmptyNotice title="No event matches the search">
          <p>
            {plural(why.in_range, 'event lies', 'events lie')} in this range without the search{' '}
            <code>{shownText(q, 200)}</code>.
          </p>
          <div class="buttons">
            <Go to={{ q: '' }} main>
              Show the {exact(why.in_range)} without the search
            </Go>
            <Nearest nearest={why.nearest} what="match" />
          </div>
        </EmptyNotice>
      );
    case 'none_in_range':
      return (
        <EmptyNotice title="No event in this time range">
          {why.source_late && (
            <p class="warn">
              The source is late: the last line of <code>{shownText(why.source_late.path, 200)}</code> came{' '}
              {ago(why.source_late.last_line, nowMicros() / 1000)}. Is Suricata running, and is there traffic?
            </p>
          )}
          <p>
            {why.nearest.before === null && why.nearest.after === null
              ? 'Nothing lies before or after it either.'
              : 'The nearest events lie outside of it.'}
          </p>
          <div class="buttons">
            <Nearest nearest={why.nearest} what="event" main />
            <Go to={{ range: { kind: 'all' } }}>Look at all time</Go>
          </div>
        </EmptyNotice>
      );
    case 'retention':
      return (
        <EmptyNotice title="Events from this time have been removed">
          <p>
            Retention keeps events since {localTime(why.oldest)}
            {to === null ? '' : '; this range ends before that'}.
          </p>
          <div class="buttons">
            <Go to={{ range: around(why.oldest) }} main>
              Go to the oldest events
            </Go>
          </div>
        </EmptyNotice>
      );
  }
}

/** An hour with the point in its middle. */
function around(at: number): Address['range'] {
  return { kind: 'span', from: Math.round(at - 1800e6), to: Math.round(at + 1800e6) };
}

function Nearest({
  nearest,
  what,
  main = false,
}: {
  nearest: { before: number | null; after: number | null };
  what: string;
  main?: boolean;
}) {
  const { before, after } = nearest;
  return (
    <>
      {before !== null && (
        <Go to={{ range: around(before) }} main={main}>
          Last {what} before: {localTime(before)}
        </Go>
      )}
      {after !== null && (
        <Go to={{ range: around(after) }} main={main && before === null}>
          Next {what} after: {localTime(after)}
        </Go>
      )}
    </>
  );
}

function Go({
  to,
  main = false,
  children,
}: {
  to: Partial<Address>;
  main?: boolean;
  children: preact.ComponentChildren;
}) {
  return (
    <button class={main ? 'main' : ''} onClick={() => go(to)}>
      {children}
    </button>
  );
}

function Command({ text }: { text: string }) {
  return (
    <p class="command">
      <code>{shownText(text, 400)}</code>
      <button onClick={() => void copyText(text, 'Command')}>Copy</button>
    </p>
  );
}

function SourceState({ source }: { source: SourceReport }) {
  return (
    <li>
      <code>{shownText(source.patterns.join(' '), 200)}</code>:{' '}
      {source.problems[0]
        ? `${shownText(source.problems[0].message, 200)} ${shownText(source.problems[0].remedy, 200)}`
        : source.files.length === 0
          ? 'no such file yet; it is taken up as soon as it appears'
          : `${plural(source.files.length, 'file')}, ${source.last_line === null ? 'no line yet' : `last line ${ago(source.last_line, nowMicros() / 1000)}`}`}
    </li>
  );
}
