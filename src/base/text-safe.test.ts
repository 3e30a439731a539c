import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, visibleLines, visibleText } from './text-safe.ts';

describe('visibleText', () => {
  it.each([
    ['\u001B[31mred\u001B[0m', '␛[31mred␛[0m'],
    ['\u001B]0;title\u0007', '␛]0;title␇'],
    ['a\u009B31mb', 'a<U+009B>31mb'],
    ['gpj.\u202Eexe', 'gpj.<U+202E>exe'],
    ['a\u0000b\u007F\r\n\t', 'a␀b␡␍␊␉'],
    ['\uD800x', '<U+D800>x'],
    ['zero\u200Bwidth\uFEFF', 'zero<U+200B>width<U+FEFF>'],
    ['\u{E0041}', '<U+E0041>'],
    ['Füße 😀 日本', 'Füße 😀 日本'],
  ])('%j', (given, expected) => expect(visibleText(given)).toBe(expected));

  it('leaves no control character of any kind', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
        (text) => {
          expect(visibleText(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069\u200E\u200F]/u);
        },
      ),
      { interruptAfterTimeLimit: 2000 },
    );
  });
});

describe('visibleLines', () => {
  it('keeps line feeds and tabs only', () => expect(visibleLines('a\n\tb\r\u001B')).toBe('a\n\tb␍␛'));
});

describe('cutText', () => {
  it('keeps short text', () => expect(cutText('abc', 3)).toBe('abc'));
  it('cuts with an ellipsis', () => expect(cutText('abcdef', 4)).toBe('abc…'));
  it('never halves a pair', () => expect(cutText('a😀😀', 3)).toBe('a…'));
});
