/** The parts of a request target, as they stand in it (nothing is decoded or made lower case); null where absent. */
export interface UrlParts {
  scheme: string | null;
  username: string | null;
  domain: string | null;
  port: number | null;
  path: string | null;
  query: string | null;
  fragment: string | null;
  extension: string | null;
}

const MAX_EXTENSION = 32;

/**
 * Takes the target of an HTTP request apart (RFC 9112 section 3.2): origin form (`/path?query`), absolute form (`http://host/path`), authority
 * form (`host:443` of CONNECT), asterisk form. Never fails: what is no URL is a path. Targets are hostile, so this is one pass by hand; the
 * `URL` class would change them (percent signs, dots, case).
 */
export function splitUrl(target: string): UrlParts {
  const parts = emptyParts();
  let at = 0;
  if (target.charCodeAt(0) !== 47) {
    const scheme = /^([A-Za-z][A-Za-z0-9+.-]{0,31}):\/\//.exec(target);
    if (scheme !== null) {
      parts.scheme = scheme[1]!.toLowerCase();
      at = scheme[0].length;
      const end = firstOf(target, at);
      splitAuthority(target.slice(at, end), parts);
      at = end;
    } else if (/^[A-Za-z0-9._-]{1,253}:[0-9]{1,5}$/.test(target)) {
      splitAuthority(target, parts);
      return parts;
    }
  }
  const hash = target.indexOf('#', at);
  const end = hash < 0 ? target.length : hash;
  if (hash >= 0 && hash + 1 < target.length) parts.fragment = target.slice(hash + 1);
  const mark = target.indexOf('?', at);
  const pathEnd = mark >= 0 && mark < end ? mark : end;
  if (pathEnd < end && pathEnd + 1 < end) parts.query = target.slice(pathEnd + 1, end);
  if (pathEnd > at) {
    parts.path = at === 0 && pathEnd === target.length ? target : target.slice(at, pathEnd);
    parts.extension = extensionOf(parts.path);
  }
  return parts;
}

/** The host of an authority (`user@host:port`, `[2001:db8::1]:80`), or null. */
export function hostOfAuthority(authority: string): string | null {
  const parts = emptyParts();
  splitAuthority(authority, parts);
  return parts.domain;
}

function emptyParts(): UrlParts {
  return {
    scheme: null,
    username: null,
    domain: null,
    port: null,
    path: null,
    query: null,
    fragment: null,
    extension: null,
  };
}

/** Where the authority ends. */
function firstOf(target: string, from: number): number {
  for (let i = from; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === 47 || code === 63 || code === 35) return i;
  }
  return target.length;
}

function splitAuthority(authority: string, parts: UrlParts): void {
  const sign = authority.lastIndexOf('@');
  if (sign > 0) {
    const user = authority.slice(0, sign);
    const colon = user.indexOf(':');
    const name = colon < 0 ? user : user.slice(0, colon);
    if (name !== '') parts.username = name;
  }
  let host = authority.slice(sign + 1);
  const bracket = host.lastIndexOf(']');
  const colon = host.indexOf(':', bracket < 0 ? 0 : bracket);
  if (colon >= 0) {
    const port = host.slice(colon + 1);
    if (/^[0-9]{1,5}$/.test(port) && Number(port) <= 65535) parts.port = Number(port);
    host = host.slice(0, colon);
  }
  if (host.startsWith('[') && host.endsWith(']')) host = host.slice(1, -1);
  if (host !== '') parts.domain = host;
}

/** What stands behind the last dot of the last segment (`gz` of `/a.b/c.tar.gz`), or null. */
export function extensionOf(path: string): string | null {
  const dot = path.lastIndexOf('.');
  if (dot < 0 || dot === path.length - 1 || path.length - dot > MAX_EXTENSION) return null;
  if (path.indexOf('/', dot) >= 0 || path.indexOf('\\', dot) >= 0) return null;
  const before = path.charCodeAt(dot - 1);
  // `/.profile` and `..` have none.
  return dot === 0 || before === 47 || before === 92 || before === 46 ? null : path.slice(dot + 1);
}
