import { isHash } from './text.ts';

/** Whether an address belongs to the inside: private, shared, loopback, link-local and unique local ranges (RFC 6890). */
export function isInside(address: string): boolean {
  if (address.length > 45) return false;
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/i.exec(address);
  if (v4) {
    const [a, b] = [Number(v4[1]), Number(v4[2])];
    if (a === 10 || a === 127 || a === 0) return true;
    if (a === 172) return b >= 16 && b <= 31;
    if (a === 192) return b === 168;
    if (a === 169) return b === 254;
    if (a === 100) return b >= 64 && b <= 127;
    return a >= 224;
  }
  return /^(?:f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:|::1$|::$)/i.test(address);
}

export function isAddressField(field: string): boolean {
  return field === 'source.ip' || field === 'destination.ip' || field.endsWith('.ip') || field.endsWith('_ip');
}

/** Addresses and hashes are read figure by figure. */
export function isMono(field: string | undefined): boolean {
  return (
    field !== undefined && (isAddressField(field) || /^(?:source|destination)\.port$/.test(field) || isHash(field))
  );
}
