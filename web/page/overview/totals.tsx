import type { Overview, StationStatus } from '../../../src/view/api.ts';
import { exact, rate } from '../../part/format.ts';
import { Link } from '../../part/link.tsx';
import type { Address } from '../../state/address.ts';
import { liveStatus } from '../../state/live.ts';

interface TotalsProps {
  totals: Overview['totals'];
  status: StationStatus | null;
}

/** The figures of the range, each a link to what is behind it. */
export function Totals({ totals, status }: TotalsProps) {
  const live = liveStatus.value;
  const quarantined = live?.quarantined ?? status?.store.quarantined ?? 0;
  return (
    <section class="totals" aria-label="Totals of this range">
      <Figure label="events" value={exact(totals.events)} to={{ page: 'events', q: '' }} />
      <Figure
        label="alerts"
        value={exact(totals.alerts)}
        to={{ page: 'events', q: 'event.kind:alert' }}
        kind={totals.alerts > 0 ? 'alert' : ''}
      />
      <Figure label="signatures" value={exact(totals.signatures)} to={{ page: 'events', q: 'rule.id:*' }} />
      <Figure label="sources" value={exact(totals.sources)} to={{ page: 'events', q: 'source.ip:*' }} />
      <Figure label="destinations" value={exact(totals.destinations)} to={{ page: 'events', q: 'destination.ip:*' }} />
      <Figure
        label="quarantined lines"
        value={exact(quarantined)}
        to={{ page: 'overview', view: 'quarantine' }}
        kind={quarantined > 0 ? 'warn' : ''}
        title="Lines that could not be stored as events, of all time"
      />
      <Figure
        label="now"
        value={rate(live?.events_per_sec ?? status?.events_per_sec ?? 0)}
        to={{ page: 'events', q: '', live: true }}
        title="Events stored per second; opens the live list"
      />
    </section>
  );
}

function Figure({
  label,
  value,
  to,
  kind = '',
  title,
}: {
  label: string;
  value: string;
  to: Partial<Address>;
  kind?: string;
  title?: string;
}) {
  return (
    <Link to={to} class={`figure ${kind}`} {...(title === undefined ? {} : { title })}>
      <b>{value}</b> <span>{label}</span>
    </Link>
  );
}
