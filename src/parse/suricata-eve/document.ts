import { bareObject, type JsonObject } from '../../event/json.ts';
import { lastValues } from '../../event/lossless-json.ts';
import { formatInstant } from '../../event/time.ts';
import { alertType, mapAlert } from './ecs/alert.ts';
import { mapAnomaly, mapEngine } from './ecs/anomaly.ts';
import { mapDhcp } from './ecs/dhcp.ts';
import { mapDns } from './ecs/dns.ts';
import { mapEndpoints } from './ecs/endpoints.ts';
import { mapFile } from './ecs/file.ts';
import { flowType, mapFlow } from './ecs/flow.ts';
import { mapHttp } from './ecs/http.ts';
import { appProtocol, kindOf, networkProtocol, outcomeOf, type Kind } from './ecs/kind.ts';
import { mapNames } from './ecs/names.ts';
import { mapSmtp } from './ecs/smtp.ts';
import { mapSsh } from './ecs/ssh.ts';
import { mapTls } from './ecs/tls.ts';
import { mapUser } from './ecs/user.ts';
import { Mapping } from './mapping.ts';
import { text, uint64 } from './values.ts';

/** The order in which the parts of a document are shown: what and when, who, with whom, about what; the rest behind. */
const ORDER = [
  '@timestamp',
  'message',
  'event',
  'rule',
  'threat',
  'vulnerability',
  'source',
  'destination',
  'client',
  'server',
  'network',
  'dns',
  'http',
  'url',
  'user_agent',
  'tls',
  'email',
  'file',
  'user',
  'error',
  'process',
  'related',
  'observer',
  'service',
  'log',
  'suricata',
];

/**
 * The ECS part of a line's document: everything that follows from the line itself. `eve` is the line's object from the lossless parse, `repeats`
 * whether it has repeated keys, `micros` the event's time. `eve` is used up: what has no other home is left of it under `suricata.eve`.
 */
export function mapEvent(eve: JsonObject, repeats: boolean, micros: number): JsonObject {
  const view = repeats ? (lastValues(eve) as JsonObject) : eve;
  const mapping = new Mapping(view, eve, repeats);
  const kind = kindOf(view);
  const protocol = networkProtocol(view, kind);

  mapping.move('@timestamp', formatInstant(micros), 'timestamp');
  mapping.set('event.kind', kind.kind);
  mapping.set('event.action', kind.action);
  mapping.set('event.category', [...kind.category]);
  mapping.set('event.outcome', outcomeOf(view, kind));
  mapping.set('network.protocol', protocol);
  if (appProtocol(view) !== null && text(view.app_proto)?.toLowerCase() === protocol) mapping.moved('app_proto');
  const flowId = uint64(view.flow_id);
  if (flowId !== null) mapping.rewrite(String(flowId), 'flow_id');

  mapEndpoints(mapping);
  mapAlert(mapping);
  mapFlow(mapping, kind);
  mapDns(mapping);
  mapHttp(mapping);
  mapTls(mapping);
  mapNames(mapping, kind);
  mapFile(mapping, protocol);
  mapSmtp(mapping);
  mapSsh(mapping);
  mapDhcp(mapping);
  mapUser(mapping, protocol);
  mapAnomaly(mapping);
  mapEngine(mapping);

  mapping.set('event.type', typesOf(view, kind));
  for (const [kindOfRelated, values] of Object.entries(mapping.related))
    mapping.set(`related.${kindOfRelated}`, [...values]);
  mapping.set('observer.vendor', 'OISF');
  mapping.set('observer.product', 'Suricata');
  mapping.set('observer.type', 'ids');
  mapping.set('service.type', 'suricata');
  mapping.set('suricata.eve', mapping.finish());
  return ordered(mapping.document);
}

function typesOf(eve: JsonObject, kind: Kind): string[] {
  const types = [...kind.type];
  for (const type of [flowType(eve), alertType(eve)]) if (type !== null && !types.includes(type)) types.push(type);
  return types;
}

function ordered(document: JsonObject): JsonObject {
  const result = bareObject();
  for (const key of ORDER) if (document[key] !== undefined) result[key] = document[key];
  return Object.assign(result, document);
}
