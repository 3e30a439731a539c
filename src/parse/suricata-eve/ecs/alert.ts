import type { JsonObject, JsonValue } from '../../../event/json.ts';
import type { Mapping } from '../mapping.ts';
import { list, object, text, texts, uint, uint64, UINT32 } from '../values.ts';
import { mapThreat } from './threat.ts';

/** Metadata that Filebeat lifts from `alert.metadata` to `alert`, so that rule writers' keys have a fixed place. */
const LIFTED = [
  'protocols',
  'attack_target',
  'capec_id',
  'cwe_id',
  'malware',
  'cve',
  'cvss_v2_base',
  'cvss_v2_temporal',
  'cvss_v3_base',
  'cvss_v3_temporal',
  'priority',
  'hostile',
  'infected',
  'classtype',
  'rule_source',
  'sid',
];

/** Signature id: a column, so 32 bits. */
export function ruleId(alert: JsonObject): number | null {
  return uint(alert.signature_id, UINT32);
}

/** rule.*, event.severity, message, threat.*, vulnerability.* of an alert (or of the alert inside a drop event). */
export function mapAlert(mapping: Mapping): void {
  const alert = object(mapping.eve.alert);
  if (alert === null) return;
  const category = text(alert.category);
  const signature = text(alert.signature);
  // An empty category (a rule without classtype) would leave the message empty.
  mapping.set('message', category ?? signature);
  const id = uint64(alert.signature_id);
  mapping.set('rule.id', id === null ? null : String(id));
  mapping.set('rule.name', signature);
  mapping.set('rule.category', category);
  const revision = uint64(alert.rev);
  mapping.set('rule.version', revision === null ? null : String(revision));
  mapping.set('rule.reference', texts(alert.references)[0] ?? null);
  mapping.move('event.severity', uint(alert.severity, Number.MAX_SAFE_INTEGER), 'alert', 'severity');

  const metadata = object(alert.metadata);
  if (metadata === null) return;
  mapping.set('file.name', texts(metadata.filename)[0] ?? null);
  mapping.set(
    'vulnerability.id',
    texts(metadata.cve).map((cve) => cve.toUpperCase().replaceAll('_', '-')),
  );
  mapThreat(mapping, metadata);
  lift(mapping, alert, metadata);
}

function lift(mapping: Mapping, alert: JsonObject, metadata: JsonObject): void {
  for (const key of LIFTED) {
    if (metadata[key] !== undefined && alert[key] === undefined) {
      mapping.rewrite(metadata[key], 'alert', key);
      mapping.moved('alert', 'metadata', key);
    }
  }
  for (const key of ['created_at', 'updated_at']) {
    const date = dayOf(metadata[key]);
    if (date !== null && alert[key] === undefined) {
      mapping.rewrite(date, 'alert', key);
      mapping.moved('alert', 'metadata', key);
    }
  }
}

/** `["2021_12_08"]` as `2021-12-08`; null where it is no single day. */
function dayOf(value: JsonValue | undefined): string | null {
  const days = list(value);
  if (days.length !== 1 || typeof days[0] !== 'string') return null;
  return /^[0-9]{4}[-_][0-9]{2}[-_][0-9]{2}$/.test(days[0]) ? days[0].replaceAll('_', '-') : null;
}

/** What alert.action adds to event.type: `allowed`, and `denied` for blocked. */
export function alertType(eve: JsonObject): string | null {
  const action = text(object(eve.alert)?.action);
  if (action === 'blocked') return 'denied';
  return action === null ? null : action.toLowerCase();
}
