import { spawnSync } from 'node:child_process';

/**
 * Packs bytes as zstd: by the `zstd` tool where it is installed (real compressed blocks), otherwise as a frame of raw blocks, which is valid
 * zstd as well. Node 20 cannot write zstd itself.
 */
export function zstd(content: Buffer): Buffer {
  const run = spawnSync('zstd', ['-qc'], { input: content, maxBuffer: 1 << 28 });
  return run.status === 0 ? run.stdout : zstdRaw(content);
}

/** RFC 8878: a frame without content size and checksum, window 1 MiB, in raw blocks. */
export function zstdRaw(content: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50])];
  const block = 128 * 1024;
  const count = Math.max(1, Math.ceil(content.length / block));
  for (let i = 0; i < count; i++) {
    const bytes = content.subarray(i * block, (i + 1) * block);
    const header = (bytes.length << 3) | (i === count - 1 ? 1 : 0);
    parts.push(Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16]), bytes);
  }
  return Buffer.concat(parts);
}
