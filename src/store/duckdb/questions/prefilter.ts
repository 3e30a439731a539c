import { communityKeyOf } from '../../../event/community-id.ts';
import type { Target } from '../../../search/fields.ts';
import { literals } from '../../../search/pattern.ts';
import type { TypedTest } from '../../../search/typed.ts';
import { type Sql, TRUE, and, or, sql } from './sql-text.ts';

/** Necessary conditions for a test on a field without a column: over columns, and over the raw text (which hex rows lack). */
export interface Prefilter {
  columns: Sql;
  text: Sql;
}

const NONE: Prefilter = { columns: TRUE, text: TRUE };

/** Top level fields of ECS: what stands below them is derived, so the line need not hold the name or the value literally. */
const ECS = new Set(
  '@timestamp agent as client cloud container data_stream destination device dns ecs email error event faas file fileset geo group hash host http input labels log message network observer orchestrator organization package process registry related rule server service source span suricata tags threat tls trace transaction url user user_agent varde vlan volume vulnerability x509'.split(
    ' ',
  ),
);
const EVE = 'suricata.eve.';
/** ECS fields whose values are the line's own, letter by letter. */
const VERBATIM = new Set([
  'url.original',
  'http.request.referrer',
  'dns.answers.data',
  'dns.answers.name',
  'tls.server.subject',
  'tls.server.issuer',
  'tls.server.ja3s',
]);
/** Of these, some are put together of parts of the line with a space between each two (SRV, SOA, TXT), and a part may be a number. */
const JOINED = 'dns.answers.data';
/** A piece that may be part of a number says nothing: numbers are compared as they are printed, not as they were written. */
const IS_NUMERIC = /^[0-9eE+.-]*$/;
/** Of these three, eve.json has objects of the same name: only what ECS has below them is derived. */
const DERIVED = new Map<string, ReadonlySet<string>>([
  ['dns', new Set(['answers', 'header_flags', 'id', 'op_code', 'question', 'resolved_ip', 'response_code', 'type'])],
  ['http', new Set(['request', 'response', 'version'])],
  [
    'tls',
    new Set([
      'cipher',
      'client',
      'curve',
      'established',
      'next_protocol',
      'resumed',
      'server',
      'version',
      'version_protocol',
    ]),
  ],
]);
/** Dates of rules, which the parser spells in one way. */
const REWRITTEN = new Set(['alert.created_at', 'alert.updated_at']);

/**
 * What a line must contain to match. Only for paths of eve.json, whose keys and texts stand in the line as they are, with one exception:
 * JSON may write any character as `\uXXXX` (and a slash as `\/`), so a line with such an escape always stays in, and pieces with a slash,
 * a quotation mark, a backslash or anything beyond printable ASCII are not looked for. Lines of other formats do not begin with a brace.
 */
export function prefilter(target: Target, test: TypedTest): Prefilter {
  if (target.field === 'network.community_id' && test.op === 'any' && test.text?.op === 'text') {
    const key = communityKeyOf(test.text.value);
    return key < 0 ? NONE : { columns: sql`community_key = CAST(${String(key)} AS UINTEGER)`, text: TRUE };
  }
  const path = evePath(target);
  if (path === null && !VERBATIM.has(target.field)) return NONE;
  const names = path === null ? [] : [path.slice(path.lastIndexOf('.') + 1)];
  const values = path !== null && REWRITTEN.has(path) ? [] : valueNeedles(test);
  const whole = target.field === JOINED ? values.flatMap(wordsOf) : values;
  const needles = [...names, ...whole].flatMap(safePieces);
  const conditions = needles.map((needle) => sql`contains(original, ${needle})`);
  const number = path === null ? null : numberNeedle(names[0]!, test);
  if (number !== null) conditions.push(sql`regexp_matches(original, ${number})`);
  if (conditions.length === 0) return NONE;
  const all = and(conditions);
  return { columns: TRUE, text: or([all, sql`contains(original, '\\u')`, sql`NOT starts_with(original, '{')`]) };
}

/** The path within eve.json, or null where the field may be derived. */
function evePath(target: Target): string | null {
  if (target.field.startsWith(EVE)) return target.field.slice(EVE.length);
  const [root, second] = target.field.split('.', 2) as [string, string?];
  const derived = DERIVED.get(root)?.has(second ?? '') ?? ECS.has(root);
  return target.otherwise === null || derived ? null : target.otherwise.slice(EVE.length);
}

function valueNeedles(test: TypedTest): string[] {
  if (test.op === 'like') return literals(test.pattern).filter((piece) => !IS_NUMERIC.test(piece));
  // A number may be written in several ways (1000, 1e3), an address too.
  if (test.op !== 'any' || test.number !== null || test.address !== null) return [];
  return test.text?.op === 'text' ? [test.text.value] : [];
}

/** The longest words of a text say the most. */
function wordsOf(text: string): string[] {
  const words = text.split(' ').filter((word) => !IS_NUMERIC.test(word));
  return words.sort((a, b) => b.length - a.length).slice(0, 3);
}

/**
 * A regular expression (RE2, linear) for a key whose value may be this whole number: its digits, perhaps in quotes, any number with a point or
 * an exponent, or a list.
 */
function numberNeedle(key: string, test: TypedTest): string | null {
  if (test.op !== 'any' || test.number === null || test.address !== null || !/^[A-Za-z0-9_-]+$/.test(key)) return null;
  const { low, high } = test.number;
  if (low === null || low !== high) return null;
  return `${key}"\\s*:\\s*(?:"?-?0*${String(low < 0n ? -low : low)}|\\[|"?[-0-9.]*[.eE])`;
}

/** The pieces of a text that stand in a line literally or with a `\u` escape. */
function safePieces(text: string): string[] {
  return text
    .split(/[^\x20\x21\x23-\x2e\x30-\x5b\x5d-\x7e]+/)
    .filter((piece) => piece.length >= 2)
    .sort((a, b) => b.length - a.length)
    .slice(0, 2);
}
