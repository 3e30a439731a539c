import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROBE_KINDS } from './sent-probe.ts';
import { formatToken, pathTag, readToken, TOKEN_LETTERS, tokenPrefix } from './token.ts';

const KEY = Buffer.alloc(32, 7);
const OTHER = Buffer.alloc(32, 8);
const probe = { path: 'lan', kind: 'dns', seq: 7, sent: 1_795_561_727_212 } as const;
const known = { pathTag: pathTag('lan'), kind: 'dns', seq: 7, sent: 1_795_561_727_212 };

const anyProbe = fc.record({
  path: fc.string(),
  kind: fc.constantFrom(...PROBE_KINDS),
  seq: fc.integer({ min: 0, max: 0xffff_ffff }),
  sent: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
});

describe('a token', () => {
  it('is one DNS label that says what it was made from', () => {
    fc.assert(
      fc.property(anyProbe, (it) => {
        const token = formatToken(KEY, it);
        expect(token).toMatch(/^[a-z2-7]{48}$/);
        expect(token.startsWith(tokenPrefix(it.path, it.kind))).toBe(true);
        const read = { pathTag: pathTag(it.path), kind: it.kind, seq: it.seq, sent: it.sent };
        expect(readToken(KEY, `${token}.varde-hb.invalid`)).toEqual(read);
        expect(readToken(OTHER, `${token}.varde-hb.invalid`)).toBeNull();
      }),
    );
  });

  it('is refused when any letter of it is another', () => {
    const token = formatToken(KEY, probe);
    for (let i = 0; i < TOKEN_LETTERS; i++) {
      const forged = `${token.slice(0, i)}${token[i] === 'a' ? 'b' : 'a'}${token.slice(i + 1)}`;
      expect(readToken(KEY, `${forged}.varde-hb.invalid`), `letter ${i}`).toBeNull();
    }
  });

  it('does not fit when numbers do not', () => {
    expect(() => formatToken(KEY, { ...probe, seq: 2 ** 32 })).toThrow(RangeError);
    expect(() => formatToken(KEY, { ...probe, sent: -1 })).toThrow(RangeError);
  });
});

describe('reading', () => {
  const token = formatToken(KEY, probe);
  const wireName = Buffer.concat([Buffer.from([48]), Buffer.from(token), Buffer.from('\x08varde-hb\x07invalid\0')]);

  it.each([
    ['a name in a line', `{"dns":{"rrname":"${token}.varde-hb.invalid"}}`],
    ['a name in mixed case', `x ${token.toUpperCase()}.VaRdE-hB.invalid`],
    ['a plain payload', `"payload_printable":"varde-hb ${token}"`],
    ['a name as it is on the wire', wireName.toString('latin1')],
    ['a genuine one behind a forged one', `varde-hb ${'a'.repeat(48)} varde-hb ${token}`],
  ])('finds %s', (_, text) => {
    expect(readToken(KEY, text)).toEqual(known);
  });

  it('finds it in base64, wherever it begins there', () => {
    for (let lead = 0; lead < 70; lead++) {
      for (const body of [Buffer.from(`varde-hb ${token}`), wireName]) {
        const payload = Buffer.concat([Buffer.alloc(lead, 200), body, Buffer.alloc(lead % 5, 1)]).toString('base64');
        expect(readToken(KEY, `{"payload":"${payload}","stream":0}`), `${lead} bytes before`).toEqual(known);
      }
    }
  });

  it('never fails on text of any kind, and finds nothing in it', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('varde-hb', 'varde-hb ', '.varde-hb.invalid', 'dmFyZGUtaGI', token.slice(0, 30)),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(readToken(KEY, pieces.join(''))).toBeNull();
      }),
    );
  });

  it('gives up on a text that is full of forged tokens', () => {
    expect(readToken(KEY, `varde-hb ${'c'.repeat(48)} `.repeat(20_000))).toBeNull();
  });
});
