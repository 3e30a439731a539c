import * as bowser from 'bowser';

/** What a user agent string claims; null where nothing is known. */
export interface UserAgent {
  name: string | null;
  version: string | null;
  osName: string | null;
  osVersion: string | null;
  device: string | null;
}

/** Longer strings are cut before the library's expressions see them: they are many, and the text is hostile. */
const MAX_LENGTH = 512;
const CACHE_SIZE = 1024;
/** `curl/7.88.1`, `python-requests/2.25.1 …`: a program's own name and version, where the library knows no browser. */
const PRODUCT = /^([A-Za-z][A-Za-z0-9._-]{0,39})\/([0-9][A-Za-z0-9._-]{0,39})(?: |$)/;
const cache = new Map<string, UserAgent>();

/** Reads a user agent string. Remembers the last ones: an expression list per string costs about 20 microseconds. */
export function parseUserAgent(text: string): UserAgent {
  const head = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
  const known = cache.get(head);
  if (known !== undefined) return known;
  // The library refuses an empty text.
  const { browser, os, platform } = bowser.parse(head === '' ? ' ' : head);
  const product = browser.name ? null : PRODUCT.exec(head);
  const agent: UserAgent = {
    name: browser.name || (product?.[1] ?? null),
    version: browser.version || (product?.[2] ?? null),
    osName: os.name || null,
    osVersion: os.version || null,
    device: platform.model || platform.vendor || null,
  };
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(head, agent);
  return agent;
}
