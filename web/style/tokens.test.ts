import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name!,
    { light: light!, dark: dark! },
  ]),
);

/** WCAG 2.2 relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high! + 0.05) / (low! + 0.05);
}

const texts = ['ink', 'muted', 'accent', 'good', 'sev1', 'sev2', 'sev3', 'sev4'];
const marks = ['edge', ...[...tokens.keys()].filter((name) => name.startsWith('series-'))];

test.each(['light', 'dark'] as const)('text has 4.5:1 and marks have 3:1 in %s', (theme) => {
  const low: string[] = [];
  const check = (name: string, on: string, least: number): void => {
    const ratio = contrast(tokens.get(name)![theme], tokens.get(on)![theme]);
    if (ratio < least) low.push(`${name} on ${on}: ${ratio.toFixed(2)} < ${least}`);
  };
  for (const name of texts) for (const on of ['ground', 'panel', 'mark']) check(name, on, 4.5);
  for (const name of ['ink', 'good', 'accent', 'sev1', 'sev2', 'sev3', 'sev4']) check(name, 'chosen', 4.5);
  check('on-accent', 'accent', 4.5);
  for (const name of marks) for (const on of ['ground', 'panel']) check(name, on, 3);
  expect(low).toEqual([]);
});

test('no colour is written outside the tokens', () => {
  const folder = new URL('..', import.meta.url);
  const found: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(?:css|tsx?)$/.test(name) || /tokens\.css$|\.test\.ts$/.test(name)) continue;
    const text = readFileSync(new URL(name, folder), 'utf8');
    for (const [colour] of text.matchAll(/#[0-9a-f]{6}\b|\b(?:rgba?|hsla?|oklch)\(/gi))
      found.push(`${name}: ${colour}`);
  }
  expect(found).toEqual([]);
});
