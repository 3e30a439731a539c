import * as fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packingOf } from './packing.ts';
import { Damage, unpack } from './unpack.ts';
import { zstd, zstdRaw } from './testing/zstd.ts';
import { missing, needs } from '../../../test/pipeline/obstacles.ts';

const lines = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => `{"n":${i},"x":"${(i * 2654435761) % 4294967296}"}\n`).join(''));

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Buffers are compared by themselves: a matcher's diff of two megabytes takes minutes. */
async function expectContent(packing: 'gzip' | 'zstd', packed: Buffer, expected: Buffer, size?: number): Promise<void> {
  const { content, damage } = await all(packing, packed, size);
  expect(damage).toBeNull();
  expect(content.length).toBe(expected.length);
  expect(content.equals(expected)).toBe(true);
}

async function all(
  packing: 'gzip' | 'zstd',
  bytes: Buffer,
  size = 32_768,
): Promise<{ content: Buffer; damage: Damage | null }> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of unpack(packing, inPieces(bytes, size))) pieces.push(Buffer.from(piece));
    return { content: Buffer.concat(pieces), damage: null };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    return { content: Buffer.concat(pieces), damage: error };
  }
}

it('tells the packing by the first bytes', () => {
  const f = (bytes: number[], expected: ReturnType<typeof packingOf>): void =>
    expect(packingOf(Buffer.from(bytes))).toBe(expected);
  f([], null);
  f([0x1f], null);
  f([0x1f, 0x8b, 8], 'gzip');
  f([0x1f, 0x8b, 7], 'plain');
  f([0x28, 0xb5], null);
  f([0x28, 0xb5, 0x2f, 0xfd], 'zstd');
  f([0x28, 0x0a], 'plain');
  f([0x5a, 0x2a, 0x4d, 0x18], 'zstd');
  f([0x7b], 'plain');
});

describe.each(['gzip', 'zstd'] as const)('%s', (packing) => {
  const pack = packing === 'gzip' ? (bytes: Buffer) => gzipSync(bytes) : zstd;

  it.each([1, 7, 4096, 1 << 20])('gives the content back, fed in pieces of %i bytes', async (size) => {
    const content = lines(size === 1 ? 300 : 10_000);
    await expectContent(packing, pack(content), content, size);
  });

  it('takes concatenated members as one content, wherever the pieces end', async () => {
    const parts = [lines(500), Buffer.alloc(0), lines(3), Buffer.from('last without newline')];
    const packed = Buffer.concat(parts.map(pack));
    for (const size of [1, 13, 1024, 1 << 20]) {
      await expectContent(packing, packed, Buffer.concat(parts), size);
    }
  });

  it('hands over what stands before a cut, and says that it is a cut', async () => {
    const content = lines(20_000);
    const packed = pack(content);
    const { content: got, damage } = await all(packing, packed.subarray(0, Math.floor(packed.length * 0.7)));
    expect(damage).toMatchObject({ cut: true, offset: got.length });
    expect(content.subarray(0, got.length).equals(got)).toBe(true);
    expect(got.length).toBeGreaterThan(content.length * 0.4);
  });

  it('hands over what stands before a damage, and says where it is', async () => {
    const content = lines(20_000);
    const packed = Buffer.from(pack(content));
    const from = Math.floor(packed.length * 0.7);
    // Without its checksum zstd notices a damage only where the structure breaks.
    packed.fill(0xff, from, packing === 'gzip' ? from + 600 : packed.length);
    const { content: got, damage } = await all(packing, packed);
    expect(damage).toMatchObject({ cut: false, offset: got.length });
    expect(got.length).toBeGreaterThan(content.length * 0.4);
    expect(content.subarray(0, content.length * 0.4).equals(got.subarray(0, content.length * 0.4))).toBe(true);
  });

  it('lets nothing but Damage out of garbage', async () => {
    const packed = pack(lines(2000));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(packed.length),
        async (edits, length) => {
          const bytes = Buffer.from(packed);
          for (const [at, value] of edits) bytes[at] = value;
          const { content } = await all(packing, bytes.subarray(0, length));
          expect(content.length).toBeLessThan(64 << 20);
        },
      ),
      { interruptAfterTimeLimit: 4000, numRuns: 300 },
    );
  });
});

it('ignores what stands behind the last gzip member, as gzip does', async () => {
  const content = lines(10);
  await expectContent('gzip', Buffer.concat([gzipSync(content), Buffer.alloc(512)]), content);
});

describe('zstd frames', () => {
  it('skips skippable frames', async () => {
    const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const empty = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
    const packed = Buffer.concat([skippable, zstd(lines(5)), empty, skippable, zstd(lines(7)), skippable]);
    for (const size of [1, 5, 1000]) {
      await expectContent('zstd', packed, Buffer.concat([lines(5), lines(7)]), size);
    }
  });

  it('refuses a window that would take gigabytes, and blocks that swell', async () => {
    const huge = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 1, 0, 0, ...Buffer.alloc(20)]);
    expect((await all('zstd', huge)).damage?.message).toContain('window');
    const swelling = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50, 0xfb, 0xff, 0xff, 0x41, ...Buffer.alloc(20)]);
    expect((await all('zstd', swelling)).damage?.message).toContain('block');
  });

  it('reads what the zstd tool writes', async ({ skip }) => {
    needs(skip, missing('zstd'));
    const content = lines(15_000);
    const packed = execFileSync('zstd', ['-qc', '-12'], { input: content });
    await expectContent('zstd', packed, content);
  });

  it('the test helper writes frames of raw blocks', () => {
    expect(zstdRaw(Buffer.from('x')).length).toBeGreaterThan(9);
    expect(gunzipSync(gzipSync(Buffer.from('x'))).toString()).toBe('x');
  });
});
