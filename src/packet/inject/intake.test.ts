import { expect, it } from 'vitest';
import { encodeTzsp } from '../tzsp/encode.ts';
import { Intake } from './intake.ts';
import type { Output } from './outputs/output.ts';
import { Router } from './router.ts';

const NOW = 1_795_500_000_000;
const TIME = { seconds: 0, nanoseconds: 0 };

class Kept {
  frames = 0;
  push(): void {
    this.frames++;
  }
}

function take(intake: Intake, router: Router, frame: Buffer): void {
  const bytes = encodeTzsp({ frame });
  intake.take(router, bytes, 0, bytes.length, TIME, NOW);
}

/** From a router at 10.0.0.1 to a port at 192.0.2.1. */
const loop = Buffer.from(
  '020000000001 020000000002 0800 45000100 00070000 40110000 0a000001 c0000201 9c409090 00ec0000 01000001 01'.replaceAll(
    ' ',
    '',
  ),
  'hex',
);

it('a duplicate is what the same router sent twice: two routers have seen two packets', () => {
  const intake = new Intake(new Set([37_008]), [], 1000);
  const [one, two] = [new Kept(), new Kept()];
  const a = new Router('10.0.0.1', [one as unknown as Output], NOW);
  const b = new Router('10.0.0.2', [two as unknown as Output], NOW);
  const frame = Buffer.alloc(60, 1);
  for (const router of [a, b, a, b]) take(intake, router, frame);
  expect([one.frames, two.frames, a.duplicates, b.duplicates]).toEqual([1, 1, 1, 1]);
});

it('our own stream is no sign of life, and is known by its sender where our address is not in it', () => {
  const intake = new Intake(new Set([37_008]), ['172.17.0.2'], 0);
  const [behind, other] = [new Router('10.0.0.1', [], NOW), new Router('10.0.0.9', [], NOW)];
  take(intake, behind, loop);
  expect(behind).toMatchObject({ loops: 1, frames: 1, lastFrame: null });
  take(intake, other, loop);
  expect(other).toMatchObject({ loops: 0, frames: 1, lastFrame: NOW });
});
