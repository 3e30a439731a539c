import { splitDomain } from '../../../base/public-suffix.ts';
import { parseUserAgent } from '../../../base/user-agent.ts';
import { parseIp } from '../../../event/ip.ts';
import type { JsonObject } from '../../../event/json.ts';
import { hostOfAuthority, splitUrl } from '../../../event/url.ts';
import type { Mapping } from '../mapping.ts';
import { list, object, text, uint, uint64, UINT16 } from '../values.ts';

/** user_agent.original: HTTP's, else the one of Google QUIC. */
export function userAgentOf(eve: JsonObject): string | null {
  const http = eve.http === undefined ? null : text(object(eve.http)?.http_user_agent);
  return http ?? (eve.quic === undefined ? null : text(object(eve.quic)?.ua));
}

/** The host of a request: Suricata's `hostname`, else the `:authority` of an HTTP/2 request (which Suricata does not copy there). */
export function hostOf(http: JsonObject): string | null {
  const host = text(http.hostname);
  if (host !== null || http.version !== '2') return host;
  for (const header of list(http.request_headers)) {
    const field = object(header);
    if (field?.name === ':authority') return hostOfAuthority(text(field.value) ?? '');
  }
  return null;
}

/** http.*, url.*, user_agent.*. The name of the server is mapped with the others, see names.ts. */
export function mapHttp(mapping: Mapping): void {
  mapUserAgent(mapping);
  const http = object(mapping.eve.http);
  if (http === null) return;
  mapping.move('http.request.method', text(http.http_method), 'http', 'http_method');
  mapping.move('http.response.status_code', uint(http.status, Number.MAX_SAFE_INTEGER), 'http', 'status');
  mapping.move('http.request.referrer', text(http.http_refer), 'http', 'http_refer');
  mapping.move('http.response.body.bytes', uint64(http.length), 'http', 'length');
  mapping.set('http.response.mime_type', text(http.http_content_type));
  const protocol = text(http.protocol);
  mapping.set(
    'http.version',
    text(http.version) ?? (protocol?.startsWith('HTTP/') === true ? text(protocol.slice(5)) : null),
  );
  mapping.set('network.forwarded_ip', parseIp(text(http.xff) ?? '')?.text ?? null);
  mapUrl(mapping, http);
}

function mapUrl(mapping: Mapping, http: JsonObject): void {
  const original = text(http.url);
  const parts = original === null ? null : splitUrl(original);
  mapping.move('url.original', original, 'http', 'url');
  mapping.set('url.scheme', parts?.scheme);
  mapping.set('url.username', parts?.username);
  mapping.set('url.path', parts?.path);
  mapping.set('url.query', parts?.query);
  mapping.set('url.fragment', parts?.fragment);
  mapping.set('url.extension', parts?.extension);
  const domain = parts?.domain ?? hostOf(http);
  mapping.set('url.domain', domain);
  mapping.relate('hosts', domain);
  mapDomain(mapping, 'url', domain);
  // Port 0 is Suricata's way to say that the Host header had a port that is none.
  const port = uint(http.http_port, UINT16);
  if (parts?.port !== null && parts?.port !== undefined) mapping.set('url.port', parts.port);
  else if (port !== null && port > 0) mapping.move('url.port', port, 'http', 'http_port');
}

/** `<prefix>.registered_domain`, `.subdomain` and `.top_level_domain` of a name. */
export function mapDomain(mapping: Mapping, prefix: string, name: string | null): void {
  const domain = name === null ? null : splitDomain(name);
  if (domain === null) return;
  mapping.set(`${prefix}.registered_domain`, domain.registered);
  mapping.set(`${prefix}.subdomain`, domain.subdomain);
  mapping.set(`${prefix}.top_level_domain`, domain.suffix);
}

function mapUserAgent(mapping: Mapping): void {
  const original = userAgentOf(mapping.eve);
  if (original === null) return;
  mapping.set('user_agent.original', original);
  if (original === text(object(mapping.eve.http)?.http_user_agent)) mapping.moved('http', 'http_user_agent');
  const agent = parseUserAgent(original);
  mapping.set('user_agent.name', agent.name);
  mapping.set('user_agent.version', agent.version);
  mapping.set('user_agent.os.name', agent.osName);
  mapping.set('user_agent.os.version', agent.osVersion);
  if (agent.osName !== null && agent.osVersion !== null)
    mapping.set('user_agent.os.full', `${agent.osName} ${agent.osVersion}`);
  mapping.set('user_agent.device.name', agent.device);
}
