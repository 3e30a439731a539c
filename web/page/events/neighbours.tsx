import type { EventRow } from '../../../src/view/api.ts';
import { severityColour, typeColour } from '../../chart/series.ts';
import { duration, exact, localParts, plural } from '../../part/format.ts';
import { Link } from '../../part/link.tsx';
import { ErrorNotice } from '../../part/notice.tsx';
import { shownText, type Value } from '../../part/text.ts';
import { Working } from '../../part/working.tsx';
import { go } from '../../state/address.ts';
import { ask } from '../../state/api.ts';
import { useAsk } from '../../state/ask.ts';
import { only } from '../../state/expression.ts';
import { summary, SUMMARY_FIELDS } from '../../table/summary.ts';

const LIMIT = 200;
const KEYS = ['suricata.eve.flow_id', 'network.community_id'];

interface Near {
  flow: EventRow[];
  community: EventRow[];
}

/** What else the same flow did: by Suricata's flow id, and by the community id, which other sensors and tools share. */
export function Neighbours({ id, ts, columns }: { id: string; ts: number; columns: string[] }) {
  const fields = [...new Set([...SUMMARY_FIELDS, 'event.severity', ...KEYS, ...columns])];
  const asked = useAsk<Near>(id, (signal) =>
    ask('neighbours', { id, limit: LIMIT, columns: fields.join(',') }, signal),
  );
  if (asked.error) return <ErrorNotice failure={asked.error} again={asked.again} />;
  if (!asked.value) return <Working asked={asked} doing="Looking for events of the same flow" />;
  const { flow, community } = asked.value;
  const inFlow = new Set(flow.map((row) => row.id));
  return (
    <>
      <Group title="Same flow" rows={flow} id={id} ts={ts} field={KEYS[0]!} none="No other event has this flow id." />
      <Group
        title="Same community id, other flows"
        rows={community.filter((row) => !inFlow.has(row.id))}
        id={id}
        ts={ts}
        field={KEYS[1]!}
        none="No event outside of this flow has this community id."
      />
    </>
  );
}

function Group({
  title,
  rows,
  id,
  ts,
  field,
  none,
}: {
  title: string;
  rows: EventRow[];
  id: string;
  ts: number;
  field: string;
  none: string;
}) {
  const key = rows.find((row) => row[field] !== null && row[field] !== undefined)?.[field] as Value | undefined;
  return (
    <section class="near" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {rows.length > 0 && (
          <span class="muted">
            {rows.length >= LIMIT ? `the nearest ${exact(rows.length)}` : plural(rows.length, 'event')}
          </span>
        )}
        {key !== undefined && (
          <Link to={{ page: 'events', q: only(field, key), range: { kind: 'all' } }}>Show as list</Link>
        )}
      </header>
      {rows.length === 0 && <p class="muted">{none}</p>}
      <ol>
        {rows.map((row) => (
          <li key={row.id}>
            <button aria-current={row.id === id} onClick={() => go({ id: row.id })}>
              <span class="num muted" title={localParts(row.ts).time}>
                {row.id === id ? 'this' : `${row.ts < ts ? '−' : '+'}${duration(Math.abs(row.ts - ts) / 1000)}`}
              </span>
              <span class="what">
                <i class="dot" style={{ background: `var(${typeColour(String(row['event.action']))})` }} />
                {shownText(row['event.action'] ?? null, 16)}
              </span>
              <bdi>
                {summary(row).map(({ text, value = null, field }, n) => (
                  <span
                    key={n}
                    style={field === 'event.severity' ? { color: `var(${severityColour(value as number)})` } : {}}
                  >
                    {text ?? shownText(value, 120)}{' '}
                  </span>
                ))}
              </bdi>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
