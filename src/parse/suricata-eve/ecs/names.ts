import type { JsonObject } from '../../../event/json.ts';
import type { Mapping } from '../mapping.ts';
import { object, text } from '../values.ts';
import { sourceIsServer } from './endpoints.ts';
import { hostOf, mapDomain } from './http.ts';
import type { Kind } from './kind.ts';

/** tls.client.server_name: SNI of TLS, else of QUIC; a trailing dot is cut. */
export function sniOf(eve: JsonObject): string | null {
  const tls = eve.tls === undefined ? null : text(object(eve.tls)?.sni);
  const sni = tls ?? (eve.quic === undefined ? null : text(object(eve.quic)?.sni));
  return sni?.endsWith('.') === true ? text(sni.slice(0, -1)) : sni;
}

/** The name under which the client spoke to the server: HTTP host, else SNI. */
export function serverName(eve: JsonObject, sni: string | null): string | null {
  const http = eve.http === undefined ? null : object(eve.http);
  return (http === null ? null : hostOf(http)) ?? sni;
}

/**
 * destination.domain, or source.domain where the event's source is the server (alerts on answers, downloaded files; Filebeat would give the
 * server's name to the client's address); neither where the event does not tell.
 */
export function mapNames(mapping: Mapping, kind: Kind): void {
  const { eve } = mapping;
  const sni = sniOf(eve);
  if (mapping.set('tls.client.server_name', sni) && text(object(eve.tls)?.sni) === sni) mapping.moved('tls', 'sni');
  const name = serverName(eve, sni);
  mapping.relate('hosts', sni, name);
  if (name === null) return;
  const server = sourceIsServer(eve, kind);
  if (server !== null) {
    const side = server ? 'source' : 'destination';
    mapping.set(`${side}.domain`, name);
    mapDomain(mapping, side, name);
    if (text(object(eve.http)?.hostname) === name) mapping.moved('http', 'hostname');
  }
}
