import { parse } from 'tldts';

/** A host name split at its public suffix (https://publicsuffix.org, private section included, as Filebeat does). */
export interface DomainParts {
  /** `example.co.uk` of `www.example.co.uk`. */
  registered: string;
  /** `www`, or null. */
  subdomain: string | null;
  /** `co.uk`. */
  suffix: string;
}

const OPTIONS = { allowPrivateDomains: true, extractHostname: false, validateHostname: false, detectIp: true } as const;
const MAX_NAME = 255;
const CACHE_SIZE = 2048;
const cache = new Map<string, DomainParts | null>();

/** Splits a host name; null for addresses, single labels, bare suffixes and names longer than DNS allows. Remembers the last names. */
export function splitDomain(name: string): DomainParts | null {
  if (name.length > MAX_NAME) return null;
  const known = cache.get(name);
  if (known !== undefined) return known;
  const { domain, subdomain, publicSuffix, isIp } = parse(name.endsWith('.') ? name.slice(0, -1) : name, OPTIONS);
  const parts =
    domain === null || publicSuffix === null || isIp === true || domain.startsWith('.')
      ? null
      : { registered: domain, subdomain: subdomain === '' ? null : subdomain, suffix: publicSuffix };
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(name, parts);
  return parts;
}
