import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Entry } from './catalogue.ts';
import { writeWhole } from './durable.ts';
import type { Engine } from './engine.ts';
import { addKey, BLOCK_BYTES, blocksFor, type Key, keyBlock, mayHoldKey } from './key-filter.ts';
import { keysName, TEMPORARY } from './segment-name.ts';
import type { Segment } from './segments.ts';

/**
 * The file beside a segment on disk that tells which flows and communities are in it, so that a question for one of them opens only the few
 * segments that have it. It is an aid and no part of the store: without it, or where it is damaged or of another segment, the segment is searched.
 *
 *   0  8 bytes  "VARDEK1\n"
 *   8  u32      CRC-32 of all that follows
 *  12  u32      rows of the segment
 *  16  u64      bytes of the segment
 *  24  blocks of 32 bytes, little-endian words
 */
const MAGIC = Buffer.from('VARDEK1\n');
const HEADER_BYTES = 24;

const KEYS_SQL = {
  flow: 'SELECT DISTINCT (flow_id >> 32)::UINTEGER, (flow_id & 4294967295)::UINTEGER FROM read_parquet($path) WHERE flow_id IS NOT NULL',
  community: 'SELECT DISTINCT 0::UINTEGER, community_key FROM read_parquet($path) WHERE community_key IS NOT NULL',
} as const;

/** Writes the file of a segment that was just published. Never throws: a segment without it is complete, and only searched more slowly. */
export async function writeKeys(engine: Engine, entry: Entry): Promise<void> {
  const path = join(entry.folder, keysName(entry.stem));
  const temporary = `${path}${TEMPORARY}`;
  try {
    const connection = await engine.ingestConnection();
    const keys: Key[] = [];
    for (const kind of ['flow', 'community'] as const)
      for (const [high, low] of await keyRows(connection, KEYS_SQL[kind], entry.path)) keys.push({ kind, high, low });
    const words = new Uint32Array((blocksFor(keys.length) * BLOCK_BYTES) / 4);
    for (const key of keys) addKey(words, key);
    await writeWhole(temporary, [header(entry, words), bytesOf(words)]);
    await rename(temporary, path);
    entry.keys_path = path;
    entry.keys_bytes = HEADER_BYTES + words.byteLength;
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function keyRows(connection: DuckDBConnection, query: string, path: string): Promise<[number, number][]> {
  const result = await connection.run(query, { path });
  const rows: [number, number][] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return rows;
    const [high, low] = chunk.getColumns() as [number[], number[]];
    for (const [i, value] of high.entries()) rows.push([value, low[i]!]);
  }
}

function header(segment: Pick<Segment, 'rows' | 'bytes'>, words: Uint32Array): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(segment.rows, 12);
  head.writeBigUInt64LE(BigInt(segment.bytes), 16);
  head.writeUInt32LE(crc32(bytesOf(words), crc32(head.subarray(12))), 8);
  return head;
}

function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

/** Number of blocks of a file that was read whole and found right; 0 where there is none to rely on. */
const trusted = new WeakMap<Segment, number>();

/** The segments that may hold rows of all these keys. */
export function holding<T extends Segment>(segments: readonly T[], keys: readonly Key[]): T[] {
  return segments.filter((segment) => keys.every((key) => mayHold(segment, key)));
}

/** False where the segment certainly holds no row of the key. */
function mayHold(segment: Segment, key: Key): boolean {
  const path = segment.keys_path;
  if (path === undefined || trusted.get(segment) === 0) return true;
  try {
    const known = trusted.get(segment);
    if (known === undefined) {
      const blocks = readWhole(path, segment);
      const count = blocks === null ? 0 : blocks.length / BLOCK_BYTES;
      trusted.set(segment, count);
      if (blocks === null) return true;
      const at = keyBlock(key, count) * BLOCK_BYTES;
      return mayHoldKey(words(blocks.subarray(at, at + BLOCK_BYTES)), key);
    }
    return mayHoldKey(readBlock(path, keyBlock(key, known)), key);
  } catch {
    // Gone with its segment, or never written.
    trusted.set(segment, 0);
    return true;
  }
}

/** The blocks; null where the file is damaged or of another segment. */
function readWhole(path: string, segment: Segment): Buffer | null {
  const bytes = readFileSync(path);
  const body = bytes.length - HEADER_BYTES;
  if (body <= 0 || body % BLOCK_BYTES !== 0 || !bytes.subarray(0, 8).equals(MAGIC)) return null;
  if (bytes.readUInt32LE(8) !== crc32(bytes.subarray(12))) return null;
  if (bytes.readUInt32LE(12) !== segment.rows || bytes.readBigUInt64LE(16) !== BigInt(segment.bytes)) return null;
  return bytes.subarray(HEADER_BYTES);
}

function readBlock(path: string, block: number): Uint32Array {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  const fd = openSync(path, 'r');
  try {
    if (readSync(fd, bytes, 0, BLOCK_BYTES, HEADER_BYTES + block * BLOCK_BYTES) !== BLOCK_BYTES)
      throw new Error('the file is cut');
  } finally {
    closeSync(fd);
  }
  return words(bytes);
}

function words(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readUInt32LE(i * 4));
}
