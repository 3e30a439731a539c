import type { Overview, TopAnswer } from '../../../src/view/api.ts';
import { exact, plural } from '../../part/format.ts';
import { Link } from '../../part/link.tsx';
import { ValueButton } from '../../part/value.tsx';
import { only } from '../../state/expression.ts';

interface ListKind {
  key: keyof Overview['top'];
  title: string;
  field: string;
  /** One of them, for "of 234 names". */
  one: string;
  wide?: boolean;
  /** Why it may be empty. */
  none: string;
}

const LISTS: readonly ListKind[] = [
  {
    key: 'signatures',
    title: 'Top signatures',
    field: 'rule.name',
    one: 'signature',
    wide: true,
    none: 'No alert in this range.',
  },
  { key: 'sources', title: 'Top sources', field: 'source.ip', one: 'address', none: 'No addresses in this range.' },
  {
    key: 'destinations',
    title: 'Top destinations',
    field: 'destination.ip',
    one: 'address',
    none: 'No addresses in this range.',
  },
  { key: 'ports', title: 'Destination ports', field: 'destination.port', one: 'port', none: 'No ports in this range.' },
  { key: 'dns', title: 'DNS names', field: 'dns.question.name', one: 'name', none: 'No DNS events in this range.' },
  {
    key: 'sni',
    title: 'TLS server names',
    field: 'tls.client.server_name',
    one: 'name',
    none: 'No TLS events in this range.',
  },
  { key: 'hosts', title: 'HTTP hosts', field: 'url.domain', one: 'host', none: 'No HTTP events in this range.' },
];

export function TopLists({ answer }: { answer: Overview }) {
  return (
    <>
      {LISTS.map((kind) => (
        <TopList key={kind.key} kind={kind} top={answer.top[kind.key]} />
      ))}
    </>
  );
}

function TopList({ kind, top }: { kind: ListKind; top: TopAnswer }) {
  const most = Math.max(1, ...top.values.map(({ count }) => count));
  const rest = top.with_field - top.values.reduce((all, { count }) => all + count, 0);
  const more = Math.max(0, top.distinct - top.values.length);
  return (
    <section class={kind.wide ? 'panel top-list wide' : 'panel top-list'} aria-label={kind.title}>
      <header>
        <h2>{kind.title}</h2>
        {top.values.length > 0 && (
          <span class="muted" title={`${plural(top.with_field, 'event')} of this range have the field ${kind.field}`}>
            {exact(top.distinct)}
          </span>
        )}
      </header>
      {top.values.length === 0 && <p class="calm">{kind.none}</p>}
      <ol>
        {top.values.map(({ value, count }) => (
          <li key={value}>
            <i class="share" style={{ width: `${(100 * count) / most}%` }} aria-hidden="true" />
            <ValueButton field={kind.field} value={value} max={kind.wide ? 160 : 80} />
            <Link
              to={{ page: 'events', q: only(kind.field, value) }}
              class="count"
              title={`${plural(count, 'event')}, ${percent(count, top.with_field)}`}
              label={`${plural(count, 'event')}: show them`}
            >
              {exact(count)}
            </Link>
          </li>
        ))}
      </ol>
      {more > 0 && (
        <p class="rest">
          <Link to={{ page: 'events', q: `${kind.field}:*` }} title="All events that have this field">
            {exact(more)} more
          </Link>
          {rest > 0 && <span class="muted num">{exact(rest)}</span>}
        </p>
      )}
    </section>
  );
}

function percent(part: number, whole: number): string {
  const share = whole > 0 ? (100 * part) / whole : 0;
  return `${share >= 10 || share === 0 ? share.toFixed(0) : share.toPrecision(2)} %`;
}
