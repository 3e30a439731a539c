import { VardeError } from '../base/errors.ts';
import { hasWildcard, literalPattern, patternText } from './pattern.ts';

/** A word or quoted text as it was read: its pattern, and whether it was quoted (then it has no wildcards and is no operator). */
export interface Word {
  pattern: string;
  quoted: boolean;
  start: number;
  end: number;
}

export function wordText(word: Word): string {
  return patternText(word.pattern);
}

export function isPattern(word: Word): boolean {
  return !word.quoted && hasWildcard(word.pattern);
}

const SPACE = /\s/;
/** First and following characters of a field name; any other character needs a backslash before it. */
const NAME_START = /[@A-Za-z_\u00a1-\ud7ff\ue000-\uffef]/;
const NAME = /[@A-Za-z0-9_.\-\u00a1-\ud7ff\ue000-\uffef]/;

/** Reads characters of an expression; knows words, quotes and names, but not what they are for. */
export class Scanner {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The character at the position, or the empty string at the end. */
  peek(): string {
    return this.text[this.position] ?? '';
  }

  atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** Whether a space, a parenthesis or the end comes next. */
  atBreak(): boolean {
    const c = this.peek();
    return c === '' || c === '(' || c === ')' || SPACE.test(c);
  }

  skipSpace(): void {
    while (!this.atEnd() && SPACE.test(this.peek())) this.position++;
  }

  take(token: string): boolean {
    if (!this.text.startsWith(token, this.position)) return false;
    this.position += token.length;
    return true;
  }

  /** Takes an operator word only where it stands alone. */
  takeOperator(word: string): boolean {
    if (!this.seesOperator(word)) return false;
    this.position += word.length;
    return true;
  }

  seesOperator(word: string): boolean {
    const behind = this.text[this.position + word.length] ?? ' ';
    return (
      this.text.startsWith(word, this.position) &&
      (SPACE.test(behind) || behind === '(' || behind === ')' || behind === '"')
    );
  }

  /** Everything up to the next break or quote, without moving. */
  run(): string {
    let end = this.position;
    while (end < this.text.length && !SPACE.test(this.text[end]!) && !'()"'.includes(this.text[end]!)) end++;
    return this.text.slice(this.position, end);
  }

  /** A field name with its colon, or null (then nothing was read). */
  field(): string | null {
    const start = this.position;
    let name = '';
    while (!this.atEnd()) {
      const c = this.peek();
      if (c === '\\' && this.position + 1 < this.text.length) {
        name += this.text[this.position + 1]!;
        this.position += 2;
      } else if ((name === '' ? NAME_START : NAME).test(c) && !SPACE.test(c)) {
        name += c;
        this.position++;
      } else break;
    }
    if (name !== '' && this.take(':')) return name;
    this.position = start;
    return null;
  }

  /** A quoted text or a word up to the next break or one of `stops`. */
  word(stops = ''): Word {
    const start = this.position;
    if (this.peek() === '"') return { pattern: literalPattern(this.quoted()), quoted: true, start, end: this.position };
    let pattern = '';
    while (!this.atBreak() && !stops.includes(this.peek())) {
      const c = this.peek();
      if (c === '"')
        this.fail(
          'Quotation mark inside a word',
          'Put the whole text into quotes, or write \\" for the mark itself.',
          this.position,
          1,
        );
      if (isControl(c)) this.unknown();
      this.position++;
      if (c !== '\\') pattern += c;
      else if (this.atEnd())
        this.fail('Backslash at the end', 'Write \\\\ for the backslash itself.', this.position - 1, 1);
      else pattern += literalPattern(this.text[this.position++]!);
    }
    return { pattern, quoted: false, start, end: this.position };
  }

  private quoted(): string {
    const start = this.position++;
    let text = '';
    while (!this.atEnd()) {
      const c = this.text[this.position++]!;
      if (c === '"') {
        if (!this.atBreak() && !']}'.includes(this.peek()))
          this.fail(
            'Text right behind a closing quotation mark',
            'Put a space between them, or write \\" for a mark inside the text.',
            this.position,
            1,
          );
        return text;
      }
      text += c === '\\' && !this.atEnd() ? this.escape() : c;
    }
    return this.fail('Quotation mark without its partner', 'Close the text with ".', start, this.text.length - start);
  }

  private escape(): string {
    const c = this.text[this.position++]!;
    if (c === 'n') return '\n';
    if (c === 'r') return '\r';
    if (c === 't') return '\t';
    const hex = this.text.slice(this.position, this.position + 4);
    if (c !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) return c;
    this.position += 4;
    return String.fromCharCode(parseInt(hex, 16));
  }

  /** Fails for the character at the position. */
  unknown(): never {
    const c = this.peek();
    const shown = isControl(c) ? `U+${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c;
    return this.fail(
      `Unexpected character ${shown}`,
      'Put text with special characters into quotes.',
      this.position,
      1,
    );
  }

  fail(problem: string, hint: string, position: number, length: number): never {
    const at = Math.max(0, Math.min(position, this.text.length));
    throw new VardeError('query_syntax', `${problem} at character ${at + 1}. ${hint}`, {
      details: { position: at, length: Math.max(0, Math.min(length, this.text.length - at)), hint },
    });
  }
}

function isControl(c: string): boolean {
  const code = c.charCodeAt(0);
  return code < 0x20 || code === 0x7f;
}
