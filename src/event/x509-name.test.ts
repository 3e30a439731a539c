import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseX509Name } from './x509-name.ts';

function parts(text: string): Record<string, string[]> {
  return Object.fromEntries(Object.entries(parseX509Name(text)).filter(([, values]) => values.length > 0));
}

test.each<[string, Record<string, string[]>]>([
  [
    'C=FR, ST=IDF, L=Paris, O=Stamus, CN=SELKS',
    {
      country: ['FR'],
      state_or_province: ['IDF'],
      locality: ['Paris'],
      organization: ['Stamus'],
      common_name: ['SELKS'],
    },
  ],
  [
    'C=US, O=Acme U.S.A., INC., CN=foo.test',
    { country: ['US'], organization: ['Acme U.S.A., INC.'], common_name: ['foo.test'] },
  ],
  ['O=A\\, B\\=C, CN=x', { organization: ['A, B=C'], common_name: ['x'] }],
  ['O=Gr\\C3\\BC\\C3\\9Fe', { organization: ['Grüße'] }],
  ['O=\\xff\\xfe', { organization: ['\\xff\\xfe'] }],
  ['O="A, CN=b", CN=x', { organization: ['A, CN=b'], common_name: ['x'] }],
  ['CN=a + OU=b, OU=c', { common_name: ['a'], organizational_unit: ['b', 'c'] }],
  ['/C=FR/O=a/b/CN=c', { country: ['FR'], organization: ['a/b'], common_name: ['c'] }],
  ['cn=lower, 2.5.4.3=ignored, CN=lower', { common_name: ['lower'] }],
  ['C=US, street=, postalCode=6, CN=', { country: ['US'] }],
  ['', {}],
  ['no pairs at all', {}],
  ['=x, C=US', {}],
])('%j', (text, expected) => {
  expect(parts(text)).toEqual(expected);
});

test('escaped values come back, whatever they hold, and nothing throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.string({ maxLength: 60 }), (value, anything) => {
      parseX509Name(anything);
      const clean = value.trim();
      if (clean === '') return;
      const escaped = clean.replace(/[ "#+,;<=>\\]/g, (char) => `\\${char}`);
      expect(parseX509Name(`C=US, O=${escaped}, CN=x`)).toMatchObject({ organization: [clean], common_name: ['x'] });
    }),
    { interruptAfterTimeLimit: 3000 },
  );
});

// Each takes some milliseconds where the time grows with the length, and minutes where it grows with its square.
test.each([
  ['blanks and quotation marks', `CN=${' '.repeat(500_000)}${'"'.repeat(500_000)}`],
  ['distinct values', Array.from({ length: 100_000 }, (_, i) => `CN=${i}`).join(', ')],
  ['separators without a key', `CN=${', '.repeat(500_000)}`],
  ['backslashes', `CN=${'\\'.repeat(1_000_000)}`],
])('a megabyte of %s is read in linear time', (_, text) => {
  const started = performance.now();
  parseX509Name(text);
  expect(performance.now() - started).toBeLessThan(5000);
});
