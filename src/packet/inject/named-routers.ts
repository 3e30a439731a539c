import { parseIp } from '../../event/ip.ts';
import { PRIVATE_NETWORKS } from '../../base/private-networks.ts';
import { SenderView } from './senders.ts';

/**
 * The routers that a config names one by one, out of its lists of addresses and networks: canonical text, as reports have it. Whoever is named is
 * expected to stream. The usual private networks name nobody, though one of them (::1/128) is a single address.
 */
export function namedRouters(list: readonly string[]): Set<string> {
  const named = new Set<string>();
  const view = new SenderView();
  for (const text of list) {
    if (PRIVATE_NETWORKS.includes(text)) continue;
    const [address = '', bits] = text.split('/');
    if (bits !== undefined && Number(bits) !== (parseIp(address)?.family === 4 ? 32 : 128)) continue;
    view.readText(address);
    if (view.family !== 0) named.add(view.text());
  }
  return named;
}
