import { parseIp } from '../../../event/ip.ts';
import type { Mapping } from '../mapping.ts';
import { object, text, texts } from '../values.ts';
import { macOf } from './endpoints.ts';

/** An address that is one: DHCP fills what it does not know with zeros. */
function ipOf(value: string | null): string | null {
  const ip = value === null ? null : parseIp(value);
  return ip === null || ip.v4 === 0 ? null : ip.text;
}

/** client.* is the machine that asks for a lease: its hardware address, name, and the address it gets, has or wants. */
export function mapDhcp(mapping: Mapping): void {
  const dhcp = object(mapping.eve.dhcp);
  if (dhcp === null) return;
  const assigned = ipOf(text(dhcp.assigned_ip));
  const has = ipOf(text(dhcp.client_ip));
  const wanted = ipOf(text(dhcp.requested_ip));
  const ip = assigned ?? has ?? wanted;
  mapping.set('client.ip', ip);
  mapping.set('client.address', ip);
  mapping.set('client.mac', macOf(text(dhcp.client_mac)));
  const name = text(dhcp.hostname);
  mapping.set('client.domain', name);
  mapping.relate('hosts', name);
  mapping.relate('ip', assigned, has, wanted);
  for (const key of ['next_server_ip', 'relay_ip', 'server_ip']) mapping.relate('ip', ipOf(text(dhcp[key])));
  for (const key of ['routers', 'dns_servers']) for (const value of texts(dhcp[key])) mapping.relate('ip', ipOf(value));
}
