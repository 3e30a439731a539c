import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { PROBE_KINDS, type ProbeKind } from './sent-probe.ts';

/**
 * The token: what makes a probe ours, one of its kind, and impossible to make up without the key.
 *
 * 30 bytes, written as 48 letters of base32 (RFC 4648 section 6, lower case, no padding), so that it is one DNS label (at most 63 letters,
 * RFC 1035 section 2.3.4), one label of a host name in HTTP and TLS, and plain text in a datagram:
 *
 * | bytes | what |
 * |---|---|
 * | 1 | version (upper 4 bits: 1) and kind (lower 4 bits: place in PROBE_KINDS) |
 * | 4 | tag of the path's name: the first bytes of its SHA-256 |
 * | 4 | sequence number, big endian |
 * | 6 | when it was sent, milliseconds since the epoch, big endian |
 * | 15 | HMAC-SHA256 of the bytes before it, cut to 120 bits (RFC 2104 section 5 wants at least 80) |
 *
 * The first 5 bytes are the first 8 letters: the same for all probes of a path and kind, which is what the rules look for.
 */
export interface Token {
  path: string;
  kind: ProbeKind;
  seq: number;
  /** Milliseconds since the epoch. */
  sent: number;
}

/** What a token says of itself once its HMAC has been checked. */
export interface ReadToken {
  /** {@link pathTag} of the path's name. */
  pathTag: string;
  kind: ProbeKind;
  seq: number;
  sent: number;
}

/** Stands beside each token: `<token>.varde-hb.invalid` as a name, `varde-hb <token>` in a payload. */
export const MARKER = 'varde-hb';
/** Names below `.invalid` exist nowhere (RFC 6761 section 6.4): no resolver finds one, no server is one. */
export const NAME_SUFFIX = `.${MARKER}.invalid`;
export const TOKEN_LETTERS = 48;

const VERSION = 1;
const TAG_AT = 1;
const SEQ_AT = 5;
const SENT_AT = 9;
const MAC_AT = 15;
const BYTES = 30;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** Hostile text may hold the marker a million times; each place costs an HMAC at most. */
const MOST_TRIES = 32;

/** Eight hexadecimal digits that stand for a path's name in a token. */
export function pathTag(name: string): string {
  return tagBytes(name).toString('hex');
}

/** Names come from the config: there are few, and each is asked for with every probe. */
const tags = new Map<string, Buffer>();
const MOST_TAGS = 5000;

function tagBytes(name: string): Buffer {
  let tag = tags.get(name);
  if (tag === undefined) {
    tag = createHash('sha256').update(name, 'utf8').digest().subarray(0, 4);
    if (tags.size < MOST_TAGS) tags.set(name, tag);
  }
  return tag;
}

/** The token of a probe. @throws RangeError where `seq` or `sent` do not fit */
export function formatToken(key: Buffer, { path, kind, seq, sent }: Token): string {
  const bytes = Buffer.alloc(BYTES);
  head(bytes, path, kind);
  bytes.writeUInt32BE(seq, SEQ_AT);
  bytes.writeUIntBE(sent, SENT_AT, 6);
  mac(key, bytes).copy(bytes, MAC_AT);
  return base32(bytes);
}

/** The letters that every token of this path and kind begins with. */
export function tokenPrefix(path: string, kind: ProbeKind): string {
  const bytes = Buffer.alloc(5);
  head(bytes, path, kind);
  return base32(bytes);
}

function head(bytes: Buffer, path: string, kind: ProbeKind): void {
  bytes[0] = (VERSION << 4) | PROBE_KINDS.indexOf(kind);
  tagBytes(path).copy(bytes, TAG_AT);
}

/**
 * The first genuine token in a text, or null. The text may be a whole line of eve.json or of fast.log, a host name or a payload; tokens are
 * found as names, in plain payloads and in payloads or packets written in base64. Letter case does not matter: some resolvers mix it on
 * purpose (draft-vixie-dnsext-dns0x20).
 */
export function readToken(key: Buffer, text: string): ReadToken | null {
  const tries = { left: MOST_TRIES };
  return readPlain(key, text, tries) ?? readBase64(key, text, tries);
}

function readPlain(key: Buffer, text: string, tries: { left: number }): ReadToken | null {
  for (const { index } of text.matchAll(/varde-hb/gi)) {
    const after = index + MARKER.length + 1;
    // One character lies between: a dot, a blank, or the length of a DNS label as it is on the wire.
    const places = [
      text.slice(after, after + TOKEN_LETTERS),
      text.slice(Math.max(0, index - TOKEN_LETTERS - 1), Math.max(0, index - 1)),
    ];
    for (const letters of places) {
      const bytes = fromBase32(letters);
      if (bytes === null || bytes[0]! >> 4 !== VERSION) continue;
      if (tries.left-- <= 0) return null;
      const found = check(key, bytes);
      if (found !== null) return found;
    }
  }
  return null;
}

/** Compares in constant time, so that a forger cannot feel his way to a MAC by how long a refusal takes. */
function check(key: Buffer, bytes: Buffer): ReadToken | null {
  if (!timingSafeEqual(mac(key, bytes), bytes.subarray(MAC_AT))) return null;
  const kind = PROBE_KINDS[bytes[0]! & 15];
  if (kind === undefined) return null;
  return {
    pathTag: bytes.toString('hex', TAG_AT, SEQ_AT),
    kind,
    seq: bytes.readUInt32BE(SEQ_AT),
    sent: bytes.readUIntBE(SENT_AT, 6),
  };
}

/** Keys as node:crypto wants them: made once for each, which is a good part of the work. */
const keys = new WeakMap<Buffer, KeyObject>();

function mac(key: Buffer, bytes: Buffer): Buffer {
  let known = keys.get(key);
  if (known === undefined) keys.set(key, (known = createSecretKey(key)));
  return createHmac('sha256', known)
    .update(bytes.subarray(0, MAC_AT))
    .digest()
    .subarray(0, BYTES - MAC_AT);
}

/** The letters of base32; `bytes` has a multiple of five bytes, so there is neither padding nor a second spelling. */
function base32(bytes: Buffer): string {
  const letters = Buffer.allocUnsafe((bytes.length / 5) * 8);
  for (let i = 0; i < bytes.length; i += 5) {
    let value = bytes.readUIntBE(i, 5);
    for (let at = (i / 5) * 8 + 7; at >= (i / 5) * 8; at--) {
      letters[at] = ALPHABET.charCodeAt(value % 32);
      value = Math.floor(value / 32);
    }
  }
  return letters.toString('latin1');
}

function fromBase32(text: string): Buffer | null {
  if (text.length !== TOKEN_LETTERS) return null;
  const bytes = Buffer.alloc(BYTES);
  for (let i = 0; i < TOKEN_LETTERS; i += 8) {
    let value = 0;
    for (let k = i; k < i + 8; k++) {
      const letter = text.charCodeAt(k);
      const digit = letter >= 50 && letter <= 55 ? letter - 24 : (letter | 32) - 97;
      if (digit < 0 || digit > 31 || (digit < 26 && (letter < 65 || letter > 122))) return null;
      value = value * 32 + digit;
    }
    bytes.writeUIntBE(value, (i / 8) * 5, 5);
  }
  return bytes;
}

/** The marker as it looks in base64, by where it begins in a group of three bytes; only the letters that its neighbours do not change. */
const IN_BASE64 = [0, 1, 2].map((shift) => {
  const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(MARKER)]).toString('base64');
  const skipped = Math.ceil((shift * 8) / 6);
  return { skipped, letters: text.slice(skipped, Math.floor(((shift + MARKER.length) * 8) / 6)) };
});
/** Groups of four letters to look at before and behind the marker: a token and the separator are 49 bytes. */
const GROUPS = 21;

/** Suricata writes `payload` and `packet` in base64, and either may be all that it writes. */
function readBase64(key: Buffer, text: string, tries: { left: number }): ReadToken | null {
  for (const { skipped, letters } of IN_BASE64) {
    for (let at = text.indexOf(letters); at !== -1; at = text.indexOf(letters, at + 1)) {
      const found = readPlain(key, decodeAround(text, at - skipped), tries);
      if (found !== null) return found;
      if (tries.left-- <= 0) return null;
    }
  }
  return null;
}

/** The bytes of the base64 groups around a place where one begins, one character for each. */
function decodeAround(text: string, group: number): string {
  let [from, to] = [group, group];
  const isGroup = (at: number): boolean => /^[A-Za-z0-9+/]{2}[A-Za-z0-9+/=]{2}$/.test(text.slice(at, at + 4));
  while (from >= 4 && group - from < 4 * GROUPS && isGroup(from - 4)) from -= 4;
  while (to - group < 4 * GROUPS && isGroup(to)) to += 4;
  return Buffer.from(text.slice(Math.max(0, from), to), 'base64').toString('latin1');
}
