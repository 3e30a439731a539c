import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineCutter } from './line-cutter.ts';
import { Trail, markOf } from './marks.ts';
import { type Piece, limitsOf } from './piece.ts';

/** The plain truth: lines of a content, long ones as length only. */
function linesOf(content: Buffer, max: number, withRest: boolean): string[] {
  const lines: string[] = [];
  for (let from = 0; from < content.length;) {
    const newline = content.indexOf(10, from);
    if (newline === -1 && !withRest) break;
    const end = newline === -1 ? content.length : newline;
    lines.push(
      end - from > max ? `${from}: ${end - from} bytes` : `${from}: ${content.subarray(from, end).toString('latin1')}`,
    );
    from = end + 1;
  }
  return lines;
}

function shown(pieces: Piece[]): string[] {
  return pieces.flatMap((piece) => {
    if (piece.kind === 'oversize') return [`${piece.offset}: ${piece.length} bytes`];
    return linesOf(piece.bytes, Infinity, true).map((line) => {
      const colon = line.indexOf(':');
      return `${piece.offset + Number(line.slice(0, colon))}${line.slice(colon)}`;
    });
  });
}

const content = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constant('\n'),
      fc.nat(60).map((n) => 'x'.repeat(n)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

it('gives every line once, whatever the pieces, the limits and the ends', () => {
  fc.assert(
    fc.property(
      content,
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (bytes, sizes, max, chunk, most, whole) => {
        const limits = limitsOf({ max_line_bytes: max, chunk_bytes: chunk, chunk_lines: most });
        const cutter = new LineCutter(new Trail(), limits);
        const pieces: Piece[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length]!;
          pieces.push(...cutter.push(bytes.subarray(at, at + size)));
          at += size;
        }
        pieces.push(...(whole ? cutter.flushWhole() : cutter.end()));
        expect(shown(pieces)).toEqual(linesOf(bytes, max, !whole));
        for (const piece of pieces) {
          expect(shown([piece]).length).toBeLessThanOrEqual(most);
          const { trail } = piece;
          const marks = trail.marks();
          expect(marks.fingerprint).toEqual(markOf(bytes.subarray(0, Math.min(1024, trail.position))));
          expect(marks.tail).toEqual(markOf(bytes.subarray(Math.max(0, trail.position - 1024), trail.position)));
        }
      },
    ),
    { interruptAfterTimeLimit: 5000, numRuns: 2000 },
  );
});
