import type { JsonObject } from '../../../event/json.ts';
import { object, text, uint } from '../values.ts';

/** How an event type is categorised (ECS event.kind, event.category, event.type) and which protocol it speaks of. */
export interface Kind {
  action: string | null;
  kind: 'event' | 'alert' | 'metric';
  category: readonly string[];
  type: readonly string[];
  protocol: string | null;
}

const NETWORK = ['network'] as const;

/** Event types that are one protocol's transactions: the type, and the protocol where it is spelled differently. */
const PROTOCOLS: readonly (string | readonly [string, string])[] = [
  'arp',
  ['bittorrent_dht', 'bittorrent-dht'],
  'dcerpc',
  'dhcp',
  'dnp3',
  'dns',
  'enip',
  'ftp',
  ['ftp_data', 'ftp'],
  'ike',
  ['ikev2', 'ike'],
  'krb5',
  'ldap',
  'mdns',
  'modbus',
  'mqtt',
  'nfs',
  'ntp',
  'pgsql',
  'pop3',
  'quic',
  'rdp',
  'rfb',
  'sip',
  'smb',
  'snmp',
  'ssh',
  'telnet',
  'tftp',
  'tls',
  'websocket',
];

function kind(action: string, more: Partial<Kind> = {}): [string, Kind] {
  return [action, { action, kind: 'event', category: NETWORK, type: [], protocol: null, ...more }];
}

const WEB: Partial<Kind> = { category: ['network', 'web'], type: ['access', 'protocol'], protocol: 'http' };

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...PROTOCOLS.map((entry) => {
    const [action, protocol] = typeof entry === 'string' ? [entry, entry] : entry;
    return kind(action, { type: ['protocol'], protocol });
  }),
  kind('alert', { kind: 'alert', category: ['network', 'intrusion_detection'] }),
  kind('anomaly', { type: ['info'] }),
  kind('drop', { type: ['denied'] }),
  kind('engine', { category: ['process'], type: ['info'] }),
  kind('fileinfo', { category: ['network', 'file'], type: ['info'] }),
  kind('flow', { type: ['connection'] }),
  kind('http', WEB),
  kind('http2', WEB),
  kind('netflow', { type: ['connection'] }),
  kind('smtp', { category: ['network', 'email'], type: ['protocol'], protocol: 'smtp' }),
  kind('stats', { kind: 'metric' }),
]);

const NO_TYPE: Kind = { action: null, kind: 'event', category: NETWORK, type: [], protocol: null };

/** The kind of an event by its `event_type`; an unknown type is a network event of that name. */
export function kindOf(eve: JsonObject): Kind {
  const type = text(eve.event_type);
  if (type === null) return NO_TYPE;
  const known = KINDS.get(type);
  if (known !== undefined) return known;
  const action = type.toLowerCase();
  return KINDS.get(action) ?? { ...NO_TYPE, action };
}

/** `app_proto` values that name no protocol. */
const NO_PROTOCOL: ReadonlySet<string> = new Set(['failed', 'template', 'template-rust', 'unknown']);

/** The protocol that `app_proto` names, lower case; null where it names none. */
export function appProtocol(eve: JsonObject): string | null {
  const app = text(eve.app_proto)?.toLowerCase();
  if (app === undefined || NO_PROTOCOL.has(app)) return null;
  return app === 'ftp-data' ? 'ftp' : app;
}

/** network.protocol: what `app_proto` names, else what the event type stands for. */
export function networkProtocol(eve: JsonObject, kind: Kind): string | null {
  return appProtocol(eve) ?? kind.protocol;
}

/** event.outcome: of HTTP by status, of Kerberos by error, of VNC by its security result; null where the event tells none. */
export function outcomeOf(eve: JsonObject, kind: Kind): 'success' | 'failure' | null {
  switch (kind.action) {
    case 'http':
    case 'http2': {
      const status = uint(object(eve.http)?.status, 999);
      if (status === null) return null;
      return status < 400 ? 'success' : 'failure';
    }
    case 'krb5': {
      const krb5 = object(eve.krb5);
      if (text(krb5?.error_code) !== null) return 'failure';
      return text(krb5?.msg_type)?.endsWith('_REP') === true ? 'success' : null;
    }
    case 'rfb': {
      const result = text(object(object(eve.rfb)?.authentication)?.security_result);
      if (result === null) return null;
      return result === 'OK' ? 'success' : 'failure';
    }
    default:
      return null;
  }
}
