/**
 * Wildcard patterns: `*` is any run of characters, `?` any one character, and a backslash makes the next character literal. The normal form
 * has a backslash only before `*`, `?` and `\`.
 */

/** The pattern that matches exactly this text. */
export function literalPattern(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&');
}

export function hasWildcard(pattern: string): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (c === '\\') i++;
    else if (c === '*' || c === '?') return true;
  }
  return false;
}

/** The text of a pattern without wildcards. */
export function patternText(pattern: string): string {
  return pattern.replace(/\\(.)/gsu, '$1');
}

type Part = string | typeof ANY | typeof ONE;
const ANY = Symbol('any');
const ONE = Symbol('one');

function parts(pattern: string): Part[] {
  const result: Part[] = [];
  let literal = '';
  const flush = (part: Part): void => {
    if (literal !== '') result.push(literal);
    literal = '';
    // Two stars in a row mean the same as one.
    if (part !== ANY || result.at(-1) !== ANY) result.push(part);
  };
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '\\' && i + 1 < pattern.length) literal += pattern[++i]!;
    else if (c === '*') flush(ANY);
    else if (c === '?') flush(ONE);
    else literal += c;
  }
  if (literal !== '') result.push(literal);
  return result;
}

/** The longest stretches of a pattern that must occur literally; for pre-filters. */
export function literals(pattern: string): string[] {
  return parts(pattern).filter((part): part is string => typeof part === 'string');
}

/** The same pattern for SQL's LIKE with `\` as escape character. */
export function sqlLike(pattern: string): string {
  return parts(pattern)
    .map((part) => (part === ANY ? '%' : part === ONE ? '_' : part.replace(/[\\%_]/g, '\\$&')))
    .join('');
}

/** A matcher for whole texts; `?` stands for one code point. Runs in the time of text × the longest piece between two stars at worst. */
export function patternMatcher(pattern: string): (text: string) => boolean {
  const pieces: Part[][] = [[]];
  for (const part of parts(pattern)) {
    if (part === ANY) pieces.push([]);
    else pieces.at(-1)!.push(part);
  }
  if (pieces.length === 1) return (text) => matchAt(text, 0, pieces[0]!) === text.length;
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  const middle = pieces.slice(1, -1).filter((piece) => piece.length > 0);
  return (text) => {
    let at = matchAt(text, 0, first);
    if (at < 0) return false;
    for (const piece of middle) {
      at = find(text, at, piece);
      if (at < 0) return false;
    }
    return endsWith(text, at, last);
  };
}

/** The end of `piece` when it stands at `at`, or -1. */
function matchAt(text: string, at: number, piece: Part[]): number {
  let end = at;
  for (const part of piece) {
    if (typeof part === 'string') {
      if (!text.startsWith(part, end)) return -1;
      end += part.length;
    } else {
      if (end >= text.length) return -1;
      end += text.codePointAt(end)! > 0xffff ? 2 : 1;
    }
  }
  return end;
}

/** The end of the first occurrence of `piece` at or behind `at`, or -1. */
function find(text: string, at: number, piece: Part[]): number {
  const head = piece[0];
  if (typeof head !== 'string') {
    for (let i = at; i <= text.length; i += i < text.length && text.codePointAt(i)! > 0xffff ? 2 : 1) {
      const end = matchAt(text, i, piece);
      if (end >= 0) return end;
    }
    return -1;
  }
  for (let i = text.indexOf(head, at); i >= 0; i = text.indexOf(head, i + 1)) {
    const end = matchAt(text, i, piece);
    if (end >= 0) return end;
  }
  return -1;
}

/** Whether `piece` stands at the very end of the text, at or behind `at`. */
function endsWith(text: string, at: number, piece: Part[]): boolean {
  let start = text.length;
  for (let i = piece.length - 1; i >= 0; i--) {
    const part = piece[i]!;
    if (typeof part === 'string') start -= part.length;
    else start -= isLowSurrogate(text, start - 1) ? 2 : 1;
    if (start < at) return false;
  }
  return matchAt(text, start, piece) === text.length;
}

function isLowSurrogate(text: string, i: number): boolean {
  return i > 0 && text.charCodeAt(i) >= 0xdc00 && text.charCodeAt(i) <= 0xdfff && text.codePointAt(i - 1)! > 0xffff;
}
