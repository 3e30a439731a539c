import type { ComponentChildren } from 'preact';
import type { StationStatus } from '../../../src/view/api.ts';
import { ago, bytes, duration, exact, localTime, plural, timeTitle } from '../../part/format.ts';
import { shownText, titleText } from '../../part/text.ts';
import { Link } from '../../part/link.tsx';

/** How much there is, how much room is left, and what retention will remove next. */
export function StorePanel({ status }: { status: StationStatus }) {
  const { store } = status;
  const size = store.bytes.disk + store.bytes.fresh;
  const used = store.disk.total - store.disk.free;
  return (
    <section class="panel store" aria-label="Store">
      <header>
        <h2>Store</h2>
        <span class="muted mono" title={titleText(store.folder)}>
          {shownText(store.folder, 60)}
        </span>
      </header>
      <dl>
        <Fact name="Events" hint="All events in the store">
          <Link to={{ page: 'events', q: '', range: { kind: 'all' } }}>{exact(store.events)}</Link>
        </Fact>
        <Fact
          name="Size"
          hint={`${exact(store.bytes.disk)} bytes on disk, ${exact(store.bytes.fresh)} in memory; raw lines: ${exact(store.raw_bytes)} bytes; ${plural(store.segments.disk, 'segment')} on disk, ${exact(store.segments.fresh)} fresh`}
        >
          {bytes(size)}
          {store.raw_bytes > 0 && size > 0 && (
            <span class="muted">
              {' '}
              of {bytes(store.raw_bytes)} raw, {(store.raw_bytes / size).toPrecision(2)}×
            </span>
          )}
        </Fact>
        <Fact name="Reaches back" {...(store.oldest === null ? {} : { hint: timeTitle(store.oldest, status.now) })}>
          {store.oldest === null ? 'nothing yet' : duration(status.now - store.oldest / 1000)}
        </Fact>
        <Fact name="Disk" hint={`${exact(store.disk.free)} bytes free of ${exact(store.disk.total)}`}>
          {bytes(store.disk.free)} free <span class="muted">of {bytes(store.disk.total)}</span>
          <meter min={0} max={store.disk.total} value={used} aria-label="Disk in use" />
        </Fact>
        <Fact name="Retention">
          <RetentionWords status={status} />
        </Fact>
      </dl>
      {store.waiting && (
        <p class="problem">
          Storing waits since {localTime(store.waiting.since * 1000)}: {shownText(store.waiting.message, 300)}{' '}
          <code class="muted">{shownText(store.waiting.code, 60)}</code>
        </p>
      )}
      {store.set_aside.map(({ name, reason }) => (
        <p class="problem" key={name}>
          Segment <code>{shownText(name, 80)}</code> is damaged and was set aside: {shownText(reason, 300)}
        </p>
      ))}
    </section>
  );
}

function Fact({ name, hint, children }: { name: string; hint?: string; children: ComponentChildren }) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function RetentionWords({ status }: { status: StationStatus }) {
  const { retention, oldest } = status.store;
  const limits = [
    retention.max_age_secs === null ? null : `older than ${duration(retention.max_age_secs * 1000)}`,
    retention.max_bytes === null ? null : `beyond ${bytes(retention.max_bytes)}`,
    `below ${bytes(retention.min_free_bytes)} free disk`,
  ].filter((limit) => limit !== null);
  const due = retention.max_age_secs !== null && oldest !== null ? oldest / 1000 + retention.max_age_secs * 1000 : null;
  return (
    <>
      removes what is {limits.join(', or ')}
      <span class="muted">
        {' '}
        · next: {retention.would_remove_next === null ? '' : <code>{shownText(retention.would_remove_next, 60)}</code>}
        {due === null ? retention.would_remove_next === null && 'nothing' : ` ${ago(due, status.now)}`}
        {retention.removed_events > 0 && ` · ${plural(retention.removed_events, 'event')} removed so far`}
      </span>
    </>
  );
}
