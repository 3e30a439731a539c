import { parseNetwork } from './address.ts';
import type { Comparison, Hint, Query, Test } from './ast.ts';
import { resolveField, suggestField } from './fields.ts';
import { isOneWord } from './one-word.ts';
import { Scanner, type Word, isPattern, wordText } from './scanner.ts';
import { typeTest } from './typed.ts';

/**
 * The search language. One grammar, for page and command line:
 *
 * ```ebnf
 * expression = [ or ] ;                                     (* nothing and "*" mean everything *)
 * or         = and , { "OR" , and } ;
 * and        = not , { [ "AND" ] , not } ;
 * not        = { "NOT" | "-" } , primary ;                  (* "-" stands right before its term *)
 * primary    = "(" , or , ")" | field , ":" , test | word | phrase ;
 * test       = "*" | value | phrase | comparison | range | "(" , group , ")" ;
 * group      = like or, with test instead of primary ;      (* field:(a OR b) *)
 * comparison = ( ">" | ">=" | "<" | "<=" ) , ( value | phrase ) ;
 * range      = ( "[" | "{" ) , end , "TO" , end , ( "]" | "}" ) ;   (* square: with its end *)
 * end        = "*" | value | phrase ;
 * phrase     = '"' , { character | "\" , character } , '"' ;        (* \n \r \t \uXXXX; no wildcards inside *)
 * word       = run of characters without space, parenthesis, quotation mark ; "*" and "?" are wildcards, "\" makes the next one literal
 * ```
 *
 * Operators are upper case. Words and phrases look at the raw line without regard to case; tests look at one field, exactly.
 */
export interface ParsedQuery {
  query: Query;
  /** Perhaps meant otherwise; never an error. */
  hints: Hint[];
}

export const MAX_LENGTH = 10_000;
export const MAX_DEPTH = 100;
export const MAX_TERMS = 500;

/** Parses an expression. Throws only `VardeError('query_syntax')` with details position, length and hint. */
export function parseQuery(text: string): ParsedQuery {
  const parser = new Parser(text);
  if (text.length > MAX_LENGTH)
    parser.scanner.fail(
      'The expression is too long',
      `At most ${MAX_LENGTH} characters are read.`,
      MAX_LENGTH,
      text.length,
    );
  return parser.parse();
}

class Parser {
  readonly scanner: Scanner;
  private readonly hints: Hint[] = [];
  private depth = 0;
  private terms = 0;

  constructor(text: string) {
    this.scanner = new Scanner(text);
  }

  parse(): ParsedQuery {
    const { scanner } = this;
    scanner.skipSpace();
    if (scanner.atEnd()) return { query: { type: 'all' }, hints: [] };
    const query = this.or(() => this.primary());
    if (!scanner.atEnd())
      scanner.fail(
        'Closing parenthesis without an opening one',
        'Remove it, or put text with parentheses into quotes.',
        scanner.position,
        1,
      );
    return { query, hints: this.hints };
  }

  private or(leaf: () => Query): Query {
    const nodes = [this.and(leaf)];
    while (this.operator('OR')) nodes.push(this.and(leaf));
    return nodes.length === 1
      ? nodes[0]!
      : { type: 'or', nodes: nodes.flatMap((node) => (node.type === 'or' ? node.nodes : [node])) };
  }

  private and(leaf: () => Query): Query {
    const nodes: Query[] = [];
    do nodes.push(this.not(leaf));
    while (this.operator('AND') || this.termFollows());
    return nodes.length === 1
      ? nodes[0]!
      : { type: 'and', nodes: nodes.flatMap((node) => (node.type === 'and' ? node.nodes : [node])) };
  }

  private not(leaf: () => Query): Query {
    const { scanner } = this;
    scanner.skipSpace();
    const start = scanner.position;
    if (!scanner.takeOperator('NOT') && !this.takeMinus()) return leaf();
    this.missingAfter('NOT', start);
    return this.deeper(start, () => ({ type: 'not', node: this.not(leaf) }));
  }

  /** A minus right before a term; behind a colon it belongs to the value (`temperature:-5`) and does not come here. */
  private takeMinus(): boolean {
    const { scanner } = this;
    if (scanner.peek() !== '-') return false;
    const next = scanner.text[scanner.position + 1] ?? ' ';
    if (/[\s)]/.test(next))
      scanner.fail(
        'A lone minus',
        'Write the minus right before a term, as in -proto:udp, or quote it.',
        scanner.position,
        1,
      );
    return scanner.take('-');
  }

  private operator(word: 'AND' | 'OR'): boolean {
    const { scanner } = this;
    scanner.skipSpace();
    const start = scanner.position;
    if (!scanner.takeOperator(word)) return false;
    this.missingAfter(word, start);
    return true;
  }

  private missingAfter(word: string, start: number): void {
    const { scanner } = this;
    scanner.skipSpace();
    const next = ['AND', 'OR'].find((other) => scanner.seesOperator(other));
    if (scanner.atEnd() || scanner.peek() === ')' || next !== undefined)
      scanner.fail(
        `${word} needs a term behind it`,
        `Write a term behind ${word}, or put it into quotes to search for the word.`,
        start,
        word.length,
      );
  }

  private termFollows(): boolean {
    this.scanner.skipSpace();
    return !this.scanner.atEnd() && this.scanner.peek() !== ')' && !this.scanner.seesOperator('OR');
  }

  private deeper<T>(start: number, inner: () => T): T {
    if (++this.depth > MAX_DEPTH)
      this.scanner.fail(
        'Too many levels',
        `At most ${MAX_DEPTH} parentheses and NOTs may stand in each other.`,
        start,
        1,
      );
    const result = inner();
    this.depth--;
    return result;
  }

  private parenthesis(leaf: () => Query): Query {
    const { scanner } = this;
    const start = scanner.position++;
    return this.deeper(start, () => {
      scanner.skipSpace();
      if (scanner.peek() === ')')
        scanner.fail(
          'Nothing between the parentheses',
          'Write a term between them, or remove them.',
          start,
          scanner.position + 1 - start,
        );
      if (scanner.atEnd())
        scanner.fail('Opening parenthesis without a closing one', 'Write ) at the end of the group.', start, 1);
      const query = this.or(leaf);
      if (!scanner.take(')'))
        scanner.fail('Opening parenthesis without a closing one', 'Write ) at the end of the group.', start, 1);
      return query;
    });
  }

  /** Checks what every leaf begins with; counts it. */
  private begin(): void {
    const { scanner } = this;
    scanner.skipSpace();
    for (const word of ['AND', 'OR'] as const)
      if (scanner.seesOperator(word))
        scanner.fail(
          `${word} needs a term before it`,
          `Write a term before ${word}, or put it into quotes to search for the word.`,
          scanner.position,
          word.length,
        );
    if (++this.terms > MAX_TERMS)
      scanner.fail('Too many terms', `At most ${MAX_TERMS} terms are read.`, scanner.position, 1);
  }

  private primary(): Query {
    const { scanner } = this;
    this.begin();
    if (scanner.peek() === '(') return this.parenthesis(() => this.primary());
    const start = scanner.position;
    if (!isOneWord(scanner.run())) {
      const field = scanner.field();
      if (field !== null) return this.fieldTest(field, start, scanner.position - 1);
    }
    if (')[]{}<>:'.includes(scanner.peek())) scanner.unknown();
    const word = scanner.word();
    this.wordHints(word);
    // A star alone, or stars in a row, match every line.
    if (!word.quoted && /^\*+$/.test(word.pattern)) return { type: 'all' };
    return { type: 'text', pattern: trimStars(word) };
  }

  private fieldTest(field: string, start: number, colon: number): Query {
    const { scanner } = this;
    // Only the first few: each look-up compares with every known name.
    const better = this.hints.length < 5 ? suggestField(field) : null;
    if (better !== null)
      this.hints.push({
        position: start,
        length: colon - start,
        message: `There is no column for ${field}; did you mean ${better}?`,
      });
    if (scanner.peek() === '(') return this.parenthesis(() => this.group(field));
    return this.value(field, start);
  }

  private group(field: string): Query {
    this.begin();
    if (this.scanner.peek() === '(') return this.parenthesis(() => this.group(field));
    return this.value(field, this.scanner.position);
  }

  private value(field: string, start: number): Query {
    const { scanner } = this;
    const at = scanner.position;
    if (scanner.atBreak() || scanner.seesOperator('AND') || scanner.seesOperator('OR'))
      scanner.fail(
        `No value for ${field}`,
        `Write the value right behind the colon, as in ${field}:value, or ${field}:* for any.`,
        start,
        Math.max(1, at - start),
      );
    const test = this.test(field, start);
    for (const target of resolveField(field)) {
      const typed = typeTest(target, test);
      if ('misfit' in typed)
        scanner.fail(`${field} cannot be tested like this`, `${capital(typed.misfit)}.`, at, scanner.position - at);
    }
    return { type: 'field', field, test };
  }

  private test(field: string, start: number): Test {
    const { scanner } = this;
    if (scanner.peek() === '[' || scanner.peek() === '{') return this.range();
    const comparison = (['>=', '<=', '>', '<'] as const).find((sign) => scanner.take(sign));
    if (comparison !== undefined) return this.comparison(field, start, comparison);
    const word = scanner.word();
    if (word.quoted) return { op: 'is', value: wordText(word) };
    if (/^\*+$/.test(word.pattern)) return { op: 'exists' };
    if (isPattern(word)) return { op: 'like', pattern: word.pattern };
    const value = wordText(word);
    // Only where addresses may stand: a path such as 10.0.0.0/8 in a text column is a text.
    const network =
      resolveField(field).some(({ kind }) => kind === 'ip' || kind === 'any') && parseNetwork(value) !== null;
    return network ? { op: 'network', value } : { op: 'is', value };
  }

  private comparison(field: string, start: number, comparison: Comparison): Test {
    const { scanner } = this;
    if (scanner.atBreak())
      scanner.fail(
        `No value behind ${comparison}`,
        `Write the value right behind it, as in ${field}:${comparison}10.`,
        start,
        scanner.position - start,
      );
    const word = scanner.word();
    if (isPattern(word))
      scanner.fail(
        'A comparison takes no wildcards',
        'Write the whole value, or quote it.',
        word.start,
        word.end - word.start,
      );
    return { op: 'compare', comparison, value: wordText(word) };
  }

  private range(): Test {
    const { scanner } = this;
    const start = scanner.position;
    const includeFrom = scanner.peek() === '[';
    scanner.position++;
    const from = this.rangeEnd(start);
    scanner.skipSpace();
    if (!scanner.takeOperator('TO')) this.badRange(start);
    const to = this.rangeEnd(start);
    scanner.skipSpace();
    const close = scanner.peek();
    if (close !== ']' && close !== '}') this.badRange(start);
    scanner.position++;
    if (from === null && to === null) return { op: 'exists' };
    return {
      op: 'range',
      from,
      to,
      includeFrom: from === null || includeFrom,
      includeTo: to === null || close === ']',
    };
  }

  private rangeEnd(start: number): string | null {
    this.scanner.skipSpace();
    const word = this.scanner.word(']}');
    if (!word.quoted && word.pattern === '*') return null;
    if (isPattern(word) || (!word.quoted && word.pattern === '')) this.badRange(start);
    return wordText(word);
  }

  private badRange(start: number): never {
    const length = Math.max(1, this.scanner.position - start);
    return this.scanner.fail(
      'The range is not complete',
      'Write it as [1 TO 5], with { } to leave out the ends and * for an open one.',
      start,
      length,
    );
  }

  private wordHints(word: Word): void {
    if (word.quoted) return;
    const text = wordText(word);
    const length = word.end - word.start;
    if (/^(and|or|not)$/.test(text))
      this.hints.push({
        position: word.start,
        length,
        message: `${text} is searched for as a word; the operator is ${text.toUpperCase()}.`,
      });
    const compared = /^([@\w.]+)(>=|<=|>|<|=)/.exec(text);
    if (compared !== null)
      this.hints.push({
        position: word.start,
        length,
        message: `This searches the raw text; to compare a field write ${compared[1]}:${compared[2] === '=' ? '' : compared[2]}…`,
      });
  }
}

/** Text is searched anywhere, so stars at its ends add nothing. */
function trimStars(word: Word): string {
  if (word.quoted) return word.pattern;
  const head = word.pattern.replace(/^\*+/, '');
  let end = head.length;
  while (end > 0 && head[end - 1] === '*' && !isEscaped(head, end - 1)) end--;
  return head.slice(0, end);
}

function isEscaped(pattern: string, at: number): boolean {
  let backslashes = 0;
  while (pattern[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
