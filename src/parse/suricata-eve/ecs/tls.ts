import type { JsonObject } from '../../../event/json.ts';
import { parseX509Name } from '../../../event/x509-name.ts';
import type { Mapping } from '../mapping.ts';
import { object, text, texts } from '../values.ts';

const versions = new Map<string, { protocol: string; version: string } | null>();

/** `TLS 1.2`, `TLSv1`, `SSLv3`, `TLS 1.3 draft-23` as protocol and number; null for UNDETERMINED and the like. */
export function tlsVersionOf(eve: JsonObject): { protocol: string; version: string } | null {
  const raw = eve.tls === undefined ? null : text(object(eve.tls)?.version);
  if (raw === null) return null;
  let version = versions.get(raw);
  if (version === undefined) {
    const parts = /^(TLS|SSL|DTLS) ?v?([0-9](?:\.[0-9])?)(?: |$)/i.exec(raw);
    version = parts === null ? null : { protocol: parts[1]!.toLowerCase(), version: parts[2]! };
    if (versions.size < 64) versions.set(raw, version);
  }
  return version;
}

/** JA3 of the client: TLS's, else QUIC's. */
export function ja3Of(eve: JsonObject): string | null {
  const tls = eve.tls === undefined ? null : text(object(object(eve.tls)?.ja3)?.hash);
  return tls ?? (eve.quic === undefined ? null : text(object(object(eve.quic)?.ja3)?.hash));
}

/** JA4 of the client: TLS's, else QUIC's. */
export function ja4Of(eve: JsonObject): string | null {
  const tls = eve.tls === undefined ? null : text(object(eve.tls)?.ja4);
  return tls ?? (eve.quic === undefined ? null : text(object(eve.quic)?.ja4));
}

/** tls.* of TLS and QUIC (the server name: names.ts). */
export function mapTls(mapping: Mapping): void {
  const { eve } = mapping;
  const tls = object(eve.tls);
  const quic = object(eve.quic);
  const version = tlsVersionOf(eve);
  if (version !== null) {
    mapping.set('tls.version_protocol', version.protocol);
    mapping.set('tls.version', version.version);
  }
  const ja3 = ja3Of(eve);
  if (mapping.set('tls.client.ja3', ja3) && ja3 === text(object(tls?.ja3)?.hash)) mapping.moved('tls', 'ja3', 'hash');
  const ja3sTls = text(object(tls?.ja3s)?.hash);
  const ja3s = ja3sTls ?? text(object(quic?.ja3s)?.hash);
  if (mapping.set('tls.server.ja3s', ja3s) && ja3s === ja3sTls) mapping.moved('tls', 'ja3s', 'hash');
  const ja4 = ja4Of(eve);
  mapping.set('tls.client.ja4', ja4);
  mapping.relate('hash', ja3, ja3s, ja4);
  if (tls === null) return;
  if (typeof tls.session_resumed === 'boolean')
    mapping.move('tls.resumed', tls.session_resumed, 'tls', 'session_resumed');
  const alpn = texts(tls.server_alpns);
  // A server chooses one; more than one means that the record is something else.
  if (alpn.length === 1) mapping.set('tls.next_protocol', alpn[0]!.toLowerCase());
  mapCertificate(mapping, 'server', tls, ['tls']);
  const client = object(tls.client);
  if (client !== null) mapCertificate(mapping, 'client', client, ['tls', 'client']);
}

/** The certificate of one side: `tls.<side>.*`. `path` leads to the object in the line. */
function mapCertificate(mapping: Mapping, side: 'server' | 'client', from: JsonObject, path: string[]): void {
  const to = `tls.${side}`;
  for (const [key, field, plain] of [
    ['subject', 'subject', 'subject'],
    ['issuerdn', 'issuer', 'issuer'],
  ] as const) {
    const name = text(from[key]);
    if (name === null) continue;
    mapping.move(`${to}.${plain}`, name, ...path, key);
    mapping.set(`${to}.x509.${field}.distinguished_name`, name);
    for (const [part, values] of Object.entries(parseX509Name(name))) {
      mapping.set(`${to}.x509.${field}.${part}`, values as string[]);
    }
  }
  const fingerprint = text(from.fingerprint);
  if (fingerprint !== null && /^[0-9A-Fa-f:]+$/.test(fingerprint)) {
    const sha1 = fingerprint.replaceAll(':', '').toUpperCase();
    mapping.move(`${to}.hash.sha1`, sha1, ...path, 'fingerprint');
    mapping.relate('hash', sha1);
  }
  const serial = text(from.serial);
  if (serial !== null && /^[0-9A-Fa-f:]+$/.test(serial)) {
    mapping.move(`${to}.x509.serial_number`, serial.replaceAll(':', ''), ...path, 'serial');
  }
  for (const [key, field] of [
    ['notbefore', 'not_before'],
    ['notafter', 'not_after'],
  ] as const) {
    const time = certificateTime(text(from[key]));
    if (time === null) continue;
    mapping.set(`${to}.${field}`, time);
    mapping.move(`${to}.x509.${field}`, time, ...path, key);
  }
  const chain = from.chain;
  if (Array.isArray(chain) && chain.every((part) => typeof part === 'string'))
    mapping.move(`${to}.certificate_chain`, chain, ...path, 'chain');
  mapping.move(`${to}.certificate`, text(from.certificate), ...path, 'certificate');
  const names = texts(from.subjectaltname);
  mapping.set(`${to}.x509.alternative_names`, names);
}

/** `2024-12-25T00:39:18` is UTC without saying so. Certificates of 1950 and 9999 exist, so no range is asked for. */
function certificateTime(value: string | null): string | null {
  return value !== null && /^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]$/.test(value)
    ? `${value}.000Z`
    : null;
}
