import { messageOf } from '../../base/errors.ts';
import type { Engine } from './engine.ts';
import {
  decodeMeta,
  decodeRecords,
  META_KEY,
  RECORDS_KEY,
  type SegmentMeta,
  type StampedRecord,
} from './segment-meta.ts';

/** Footers that are read together: their texts are in memory at the same time. */
const AT_ONCE = 200;

interface Texts {
  meta?: string;
  records?: string;
}

/**
 * Metadata per path; an Error where the footer cannot be read, nothing where it holds none of ours. All at once as a rule, one by one when one
 * of them is damaged.
 *
 * @param records whether to read the records as well: a thousand segments on disk with a thousand each would not fit into memory, and only
 *   those of one are believed ({@link readRecords}). Without, they are empty.
 */
export async function readMetas(
  engine: Engine,
  paths: readonly string[],
  records: boolean,
): Promise<Map<string, SegmentMeta | Error>> {
  const metas = new Map<string, SegmentMeta | Error>();
  // A connection for each: what one damaged file does to the engine must not be held against the next.
  const read = async (some: readonly string[]) => {
    for (const [path, texts] of await readTexts(engine, some, records)) metas.set(path, decoded(texts, records));
  };
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = paths.slice(at, at + AT_ONCE);
    try {
      await read(some);
    } catch {
      for (const path of some)
        await read([path]).catch((error: unknown) => metas.set(path, new Error(messageOf(error))));
    }
  }
  return metas;
}

/** The records that a segment carries. @throws Error where they cannot be read */
export async function readRecords(engine: Engine, path: string): Promise<StampedRecord[]> {
  const meta = decoded((await readTexts(engine, [path], true)).get(path) ?? {}, true);
  if (meta instanceof Error) throw meta;
  return meta.records;
}

async function readTexts(engine: Engine, paths: readonly string[], records: boolean): Promise<Map<string, Texts>> {
  const keys = records ? `'${META_KEY}', '${RECORDS_KEY}'` : `'${META_KEY}'`;
  return engine.withQuestionConnection(undefined, async (connection) => {
    const { LIST, VARCHAR, listValue } = await engine.duckdb();
    const reader = await connection.runAndReadAll(
      `SELECT file_name, decode(key), decode(value) FROM parquet_kv_metadata($paths) WHERE decode(key) IN (${keys})`,
      { paths: listValue([...paths]) },
      { paths: LIST(VARCHAR) },
    );
    const found = new Map<string, Texts>();
    for (const [path, key, text] of reader.getRows() as [string, string, string][]) {
      const texts = found.get(path) ?? {};
      texts[key === META_KEY ? 'meta' : 'records'] = text;
      found.set(path, texts);
    }
    return found;
  });
}

function decoded({ meta: text, records: more }: Texts, records: boolean): SegmentMeta | Error {
  try {
    if (text === undefined) throw new Error('it is missing');
    const meta = decodeMeta(text);
    if (!records) return { ...meta, records: [] };
    // Segments of earlier days have them in the metadata itself.
    const own = more === undefined ? meta.records : decodeRecords(more);
    if (own === undefined) throw new Error('it is incomplete');
    return { ...meta, records: own };
  } catch (error) {
    return new Error(`its metadata cannot be read: ${messageOf(error)}`);
  }
}
