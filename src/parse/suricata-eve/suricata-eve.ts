import type { JsonObject, JsonValue } from '../../event/json.ts';
import { lastValues } from '../../event/lossless-json.ts';
import { clearRow } from '../../event/row.ts';
import { parseInstant } from '../../event/time.ts';
import { parseObject, readObject } from '../json-line.ts';
import { addOrigin } from '../origin.ts';
import { defineParser, type Reject } from '../parser.ts';
import { mapEvent } from './document.ts';
import { fillRow } from './row.ts';
import { resetInexact, sawInexact } from './values.ts';

/**
 * Suricata's eve.json, versions 7 and 8 (older ones read as well): one JSON object a line.
 *
 * The columns and the document read a line with the same functions (`ecs/`); docs/ecs.md has the mapping.
 */
export const suricataEve = defineParser({
  id: 'suricata-eve',
  title: 'Suricata eve.json',
  dataset: 'suricata.eve',
  version: 1,

  row(bytes, start, end, row) {
    const { eve, reject } = parseObject(bytes, start, end);
    if (eve === null) return reject;
    const micros = timeOf(eve);
    if (typeof micros !== 'number') return micros;
    resetInexact();
    fillRow(eve, micros, row);
    if (!sawInexact()) return null;
    // A counter or id beyond 2^53: once more without rounding.
    const exact = readObject(bytes.subarray(start, end));
    if (exact.eve === null) return exact.reject;
    clearRow(row);
    fillRow((exact.repeats ? lastValues(exact.eve) : exact.eve) as JsonObject, micros, row);
    return null;
  },

  document(line, origin) {
    const { eve, repeats, reject } = readObject(line);
    if (eve === null) return reject;
    const micros = timeOf((repeats ? lastValues(eve) : eve) as JsonObject);
    if (typeof micros !== 'number') return micros;
    return addOrigin(mapEvent(eve, repeats, micros), line, origin, this);
  },
});

/** The time of an event in microseconds, or why it has none. */
function timeOf(eve: JsonObject): number | Reject {
  const stamp = eve.timestamp;
  if (stamp === undefined) return { code: 'no_timestamp', detail: 'The object has no "timestamp".' };
  const micros = typeof stamp === 'string' ? parseInstant(stamp) : Number.NaN;
  if (!Number.isNaN(micros)) return micros;
  const shown = typeof stamp === 'string' ? JSON.stringify(stamp.slice(0, 40)) : describe(stamp);
  return { code: 'bad_timestamp', detail: `"timestamp" is ${shown}, no time between 1970 and 2199 with a zone.` };
}

function describe(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'bigint' ? 'number' : typeof value}`;
}
