import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Outcome, readTzsp, rejectReason, TzspView } from './decode.ts';
import { encodeTzsp, originalLengthTag, timeStampTag } from './encode.ts';
import { MAX_TAGS, Tag } from './tags.ts';

const read = (...bytes: number[]): { result: number; view: TzspView } => {
  const view = new TzspView();
  return { result: readTzsp(view, Uint8Array.from(bytes), 0, bytes.length), view };
};

describe('odd datagrams', () => {
  const padding = (count: number): number[] => Array.from({ length: count }, () => 0);
  test.each([
    ['empty', [], 'short_header'],
    ['three bytes', [1, 0, 0], 'short_header'],
    ['no tags at all', [1, 0, 0, 1], 'no_end_tag'],
    ['END as the last byte', [1, 0, 0, 1, 1], 'empty_frame'],
    ['another version', [2, 0, 0, 1, 1, 9], 'version'],
    ['type 2', [1, 2, 0, 1, 1, 9], 'reserved'],
    ['type 3', [1, 3, 0, 1, 1, 9], 'configuration'],
    ['type 6', [1, 6, 0, 1, 1, 9], 'type'],
    ['a tag without its length', [1, 0, 0, 1, 10], 'tag_cut'],
    ['a length past the end', [1, 0, 0, 1, 80, 5, 65], 'tag_cut'],
    ['a length one past the end', [1, 0, 0, 1, 80, 2, 65], 'tag_cut'],
    ['padding without end', [1, 0, 0, 1, ...padding(9)], 'no_end_tag'],
    ['padding beyond the bound', [1, 0, 0, 1, ...padding(MAX_TAGS + 1), 1, 9], 'too_many_tags'],
  ] as const)('%s', (_, bytes, reason) => {
    expect(rejectReason(read(...bytes).result)).toBe(reason);
  });

  it('keep-alives and port openers have no frame', () => {
    expect(read(1, 4, 0, 1).result).toBe(Outcome.KEEPALIVE);
    expect(read(1, 5, 0, 1, 7, 7).result).toBe(Outcome.PORT_OPENER);
  });

  it('a tag of a wrong length is skipped, the frame stays', () => {
    const { result, view } = read(1, 1, 0, 1, 41, 3, 9, 9, 9, 233, 0, 1, 8);
    expect([result, view.originalLength, view.frameEnd - view.frameStart]).toEqual([Outcome.FRAME, 1, 1]);
  });

  it('an original length below what came is not believed', () => {
    expect(read(1, 0, 0, 1, 41, 2, 0, 1, 1, 8, 8, 8).view.originalLength).toBe(3);
  });

  it('a frame of 802.11 keeps its link type, an unknown encapsulation has none', () => {
    expect(read(1, 0, 0, 18, 1, 8).view.linkType).toBe(105);
    expect(read(1, 0, 3, 18, 1, 8).view.linkType).toBe(-1);
  });
});

const tag = fc
  .integer({ min: 0, max: 255 })
  .filter((type) => type !== Tag.END && type !== Tag.ORIGINAL_LENGTH && type !== Tag.TIME_STAMP)
  .chain((type) => fc.record({ type: fc.constant(type), value: fc.uint8Array({ maxLength: 255 }) }));

it('what is encoded is read again, in the midst of other bytes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1),
      fc.integer({ min: 0, max: 65_535 }),
      fc.array(tag, { maxLength: 12 }),
      fc.uint8Array({ minLength: 1, maxLength: 2000 }),
      fc.integer({ min: 0, max: 65_535 }),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.integer({ min: 0, max: 999_999_999 }),
      fc.integer({ min: 0, max: 20 }),
      (type, encapsulation, tags, frame, original, seconds, nanoseconds, before) => {
        const all = [originalLengthTag(original), ...tags, timeStampTag(seconds, nanoseconds)];
        const datagram = encodeTzsp({ type, encapsulation, tags: all, frame });
        const bytes = Buffer.concat([Buffer.alloc(before, 1), datagram, Buffer.alloc(before, 1)]);
        const view = new TzspView();
        expect(readTzsp(view, bytes, before, before + datagram.length)).toBe(Outcome.FRAME);
        expect(bytes.subarray(view.frameStart, view.frameEnd).equals(frame)).toBe(true);
        expect(view).toMatchObject({ type, encapsulation, seconds, nanoseconds });
        expect(view.originalLength).toBe(Math.max(original, frame.length));
      },
    ),
  );
});
