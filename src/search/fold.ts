import { hasWildcard, patternMatcher, patternText } from './pattern.ts';
import { wellFormed } from './well-formed.ts';

/**
 * Case folding as the store's `lower()` does it: each code point by itself, one for one. `String.toLowerCase` differs in two places: the
 * final sigma depends on its neighbours, and U+0130 becomes two code points.
 */
export function foldCase(text: string): string {
  if (!/[^\x00-\x7f]/.test(text)) return text.toLowerCase();
  if (!/[\u0130\u03a3]/.test(text)) return text.toLowerCase();
  return text.replace(/[\u0130\u03a3]/g, (c) => (c === '\u03a3' ? '\u03c3' : 'i')).toLowerCase();
}

/** A pattern as it is looked for in a folded line. */
export function foldPattern(pattern: string): string {
  return foldCase(wellFormed(pattern));
}

/** A matcher for a pattern anywhere in a text, without regard to case. */
export function unanchored(pattern: string): (text: string) => boolean {
  const folded = foldPattern(pattern);
  if (!hasWildcard(folded)) {
    const text = patternText(folded);
    return (line) => foldCase(line).includes(text);
  }
  const like = patternMatcher(`*${folded}*`);
  return (line) => like(foldCase(line));
}
