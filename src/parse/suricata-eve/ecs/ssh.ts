import type { Mapping } from '../mapping.ts';
import { object, text } from '../values.ts';

/**
 * SSH has no ECS fields: versions and HASSH stay under suricata.eve.ssh. The HASSH hashes of client and server join related.hash, so that one
 * search finds a fingerprint whatever protocol it came from.
 */
export function mapSsh(mapping: Mapping): void {
  const ssh = object(mapping.eve.ssh);
  for (const side of ['client', 'server']) mapping.relate('hash', text(object(object(ssh?.[side])?.hassh)?.hash));
}
