import { generateKeyPairSync, sign } from 'node:crypto';
import { der, field, integer, octets, oid, sequence } from './protocol/der.ts';

const SHA256_WITH_RSA = sequence(oid('1.2.840.113549.1.1.11'), der(0x05));

function name(country: string, organisation: string, common: string): Buffer {
  const part = (id: string, tag: number, text: string): Buffer => der(0x31, sequence(oid(id), der(tag, text)));
  return sequence(part('2.5.4.6', 0x13, country), part('2.5.4.10', 0x0c, organisation), part('2.5.4.3', 0x0c, common));
}

/** A certificate (X.509 version 3, DER) for `names`; signed by itself unless an issuer's organisation is given. */
export function certificate(names: readonly string[], organisation: string, serial: number, issuer?: string): Buffer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const subject = name('NO', organisation, names[0]!);
  const alternatives = sequence(...names.map((text) => der(0x82, text)));
  const body = sequence(
    field(0, integer(2)),
    integer(serial),
    SHA256_WITH_RSA,
    issuer === undefined ? subject : name('NO', issuer, `${issuer} R3`),
    sequence(der(0x17, '251201000000Z'), der(0x17, '260901000000Z')),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    field(3, sequence(sequence(oid('2.5.29.17'), octets(alternatives)))),
  );
  return sequence(body, SHA256_WITH_RSA, der(0x03, 0, sign('sha256', body, privateKey)));
}
