import type { JsonValue } from '../../../src/event/json.ts';
import type { EventRow } from '../../../src/view/api.ts';
import { severityColour, typeColour } from '../../chart/series.ts';
import { isMono } from '../../part/inside.ts';
import { shownText } from '../../part/text.ts';
import { ValueButton } from '../../part/value.tsx';
import { summary, SUMMARY_FIELDS } from '../../table/summary.ts';

const ENDS = ['source.ip', 'source.port', 'destination.ip', 'destination.port'];

/** The scalar at a dotted path of a document; null where there is none. */
function scalarAt(document: JsonValue, path: string): string | number | null {
  let at: JsonValue = document;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, name)) return null;
    at = at[name]!;
  }
  return typeof at === 'string' || typeof at === 'number' ? at : null;
}

/** What the event says, in two lines above its fields. */
export function Headline({ document }: { document: JsonValue }) {
  const row = Object.create(null) as EventRow;
  for (const field of [...SUMMARY_FIELDS, ...ENDS]) row[field] = scalarAt(document, field);
  const type = row['event.action'] ?? null;
  const pieces = summary(row);
  return (
    <div class="headline">
      <p>
        <i class="dot" style={{ background: `var(${typeColour(String(type))})` }} />
        <b>{shownText(type, 40)}</b>{' '}
        {pieces.map(({ text, value = null, field, quiet }, n) => (
          <bdi
            key={n}
            class={quiet ? 'muted' : isMono(field) ? 'mono' : ''}
            style={field === 'event.severity' ? { color: `var(${severityColour(value as string | number)})` } : {}}
          >
            {text ?? shownText(value, 300)}{' '}
          </bdi>
        ))}
      </p>
      {row['source.ip'] !== null && (
        <p>
          <End row={row} side="source" />
          {row['destination.ip'] !== null && ' → '}
          <End row={row} side="destination" />{' '}
          <span class="muted">{shownText(row['network.transport'] ?? null, 20)}</span>
        </p>
      )}
    </div>
  );
}

function End({ row, side }: { row: EventRow; side: 'source' | 'destination' }) {
  const [ip, port] = [row[`${side}.ip`] ?? null, row[`${side}.port`] ?? null];
  if (ip === null) return null;
  return (
    <>
      <ValueButton field={`${side}.ip`} value={ip} />
      {port !== null && <ValueButton field={`${side}.port`} value={port} text={`:${port}`} />}
    </>
  );
}
