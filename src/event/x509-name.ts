/** The attributes of a distinguished name that ECS knows; each may occur more than once. */
export interface X509Name {
  common_name: string[];
  country: string[];
  locality: string[];
  organization: string[];
  organizational_unit: string[];
  state_or_province: string[];
}

const FIELDS: ReadonlyMap<string, keyof X509Name> = new Map([
  ['CN', 'common_name'],
  ['C', 'country'],
  ['L', 'locality'],
  ['O', 'organization'],
  ['OU', 'organizational_unit'],
  ['ST', 'state_or_province'],
  ['S', 'state_or_province'],
  ['SP', 'state_or_province'],
] as const);

/** RFC 4514: UTF-8 bytes in hexadecimal, or one special character. Any other backslash (Suricata's own `\xff`) is a backslash. */
const ESCAPE = /^((?:\\[0-9A-Fa-f]{2})+)|^\\[ "#+,;<=>\\]/;
const MAX_ESCAPE = 3 * 64;

/** `, CN=` or `+CN=` or `/CN=`: longest key that is looked for. */
const MAX_KEY = 40;

/**
 * Reads a distinguished name as TLS libraries print it: `C=FR, O=Acme U.S.A., INC., CN=example.test`, with RFC 4514 escapes (`\,`, `\2C`), values
 * in quotes, multi-valued parts (`+`), and OpenSSL's `/C=FR/CN=x`.
 *
 * Suricata does not escape, so a comma only ends a value where a key and `=` follow; otherwise it belongs to the value. A certificate that
 * has `, CN=…` inside a value can therefore still pretend: whoever must be sure reads the certificate. Linear in the length of the text.
 */
export function parseX509Name(text: string): X509Name {
  const name: X509Name = {
    common_name: [],
    country: [],
    locality: [],
    organization: [],
    organizational_unit: [],
    state_or_province: [],
  };
  const seen = new Set<string>();
  const slashes = text.startsWith('/');
  let at = slashes ? 1 : 0;
  let equals = keyEnd(text, at);
  while (equals >= 0) {
    const key = text.slice(at, equals).trim().toUpperCase();
    let value = '';
    // Kept beside the value: asking the value itself at each quotation mark would make the whole quadratic.
    let blank = true;
    let quoted = false;
    let next = -1;
    let i = equals + 1;
    for (; i < text.length; i++) {
      const char = text[i]!;
      if (char === '\\') {
        const escape = ESCAPE.exec(text.slice(i, i + MAX_ESCAPE));
        if (escape !== null) {
          const plain =
            escape[1] === undefined
              ? escape[0].slice(1)
              : Buffer.from(escape[0].replaceAll('\\', ''), 'hex').toString();
          value += plain;
          blank &&= plain.trim() === '';
          i += escape[0].length - 1;
          continue;
        }
      }
      if (char === '"' && (quoted || blank)) {
        quoted = !quoted;
        continue;
      }
      if (!quoted && (char === ',' || char === '+' || char === ';' || (slashes && char === '/'))) {
        next = keyEnd(text, i + 1);
        if (next >= 0) break;
      }
      value += char;
      blank &&= char.trim() === '';
    }
    const field = FIELDS.get(key);
    const clean = value.trim();
    if (field !== undefined && clean !== '') {
      const pair = `${field}:${clean}`;
      if (!seen.has(pair)) name[field].push(clean);
      seen.add(pair);
    }
    at = i + 1;
    equals = next;
  }
  return name;
}

/** Offset of the `=` behind a key (letters, digits, dots; blanks around it) that starts at `from`, or -1. */
function keyEnd(text: string, from: number): number {
  let i = from;
  while (text.charCodeAt(i) === 32) i++;
  const start = i;
  for (; i < text.length && i - start <= MAX_KEY; i++) {
    const code = text.charCodeAt(i);
    const plain =
      (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 46;
    if (!plain) break;
  }
  if (i === start || i - start > MAX_KEY) return -1;
  while (text.charCodeAt(i) === 32) i++;
  return text.charCodeAt(i) === 61 ? i : -1;
}
