import type { JsonObject } from '../../../event/json.ts';
import type { Mapping } from '../mapping.ts';
import { texts } from '../values.ts';

const TECHNIQUE = /^T[0-9]{4}(\.[0-9]{3})?$/i;

/** ET rules write names with underscores, because rule metadata cannot hold blanks: `Defense_Evasion`. */
function nameOf(value: string): string {
  return value.replaceAll('_', ' ');
}

/**
 * threat.* of the MITRE ATT&CK metadata of a rule. Values stay in the metadata as well. Ids of sub-techniques go to
 * threat.technique.subtechnique, with their technique beside them; `mitre_attack` holds tactics or techniques, told apart by their form.
 */
export function mapThreat(mapping: Mapping, metadata: JsonObject): void {
  const attack = texts(metadata.mitre_attack);
  const tactics = [...attack.filter((id) => !TECHNIQUE.test(id)), ...texts(metadata.mitre_tactic_id)];
  const techniques = new Set<string>();
  const subtechniques = new Set<string>();
  for (const id of [...attack.filter((value) => TECHNIQUE.test(value)), ...texts(metadata.mitre_technique_id)]) {
    const upper = id.toUpperCase();
    if (upper.includes('.')) subtechniques.add(upper);
    techniques.add(upper.split('.', 1)[0]!);
  }
  const done = [
    mapping.set('threat.tactic.id', [...new Set(tactics)]),
    mapping.set('threat.tactic.name', texts(metadata.mitre_tactic_name).map(nameOf)),
    mapping.set('threat.technique.id', [...techniques]),
    mapping.set('threat.technique.name', texts(metadata.mitre_technique_name).map(nameOf)),
    mapping.set('threat.technique.subtechnique.id', [...subtechniques]),
  ];
  if (done.includes(true)) mapping.set('threat.framework', 'MITRE ATT&CK');
}
