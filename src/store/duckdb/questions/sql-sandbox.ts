import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { QuarantinedLine } from '../../store.ts';
import { COLUMN_LIST, EMPTY_RELATION, SCHEMA_VERSION } from '../schema.ts';
import { type Segment, sqlString } from '../segments.ts';

const MEMORY_LIMIT = '128MB';
/** Quarantined lines that the view offers at most, newest first. */
const MAX_QUARANTINED = 100_000;
const BATCH = 1000;
/** A line can hold 16 MiB. */
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * An engine of its own for one statement by a person: in memory, with views over the segments and nothing else. What holds it in (each tried
 * by test): no file but the listed segments can be opened, nothing can be installed or loaded, and no setting changed any more.
 */
export async function openSandbox(
  segments: readonly Segment[],
  quarantined: AsyncIterable<QuarantinedLine> | null,
): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY_LIMIT,
    temp_directory: '',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
  });
  try {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(
      `CREATE VIEW events AS SELECT make_timestamptz(ts) AS "@timestamp", ${COLUMN_LIST} FROM ${relation(segments)}`,
    );
    await connection.run(
      'CREATE TABLE quarantine (time TIMESTAMPTZ, source VARCHAR, parser VARCHAR, path VARCHAR, file_id VARCHAR, file_offset UBIGINT, length UBIGINT, code VARCHAR, detail VARCHAR, line BLOB)',
    );
    if (quarantined !== null) await fillQuarantine(connection, quarantined);
    // The order matters: paths first, then nothing else from outside, then the lock.
    await connection.run(`SET allowed_paths = [${segments.map(({ path }) => sqlString(path)).join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return { instance, connection };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

function relation(segments: readonly Segment[]): string {
  if (segments.length === 0) return EMPTY_RELATION;
  const paths = `[${segments.map(({ path }) => sqlString(path)).join(', ')}]`;
  if (segments.every((segment) => segment.schema_version === SCHEMA_VERSION)) return `read_parquet(${paths})`;
  return `(SELECT * FROM read_parquet(${paths}, union_by_name = true) UNION ALL BY NAME SELECT * FROM ${EMPTY_RELATION})`;
}

async function fillQuarantine(connection: DuckDBConnection, lines: AsyncIterable<QuarantinedLine>): Promise<void> {
  const { LIST, VARCHAR, listValue } = await import('@duckdb/node-api');
  let batch: QuarantinedLine[] = [];
  let total = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const columns = [
      batch.map((line) => String(Math.round(line.time * 1000))),
      ...(['source', 'parser', 'path', 'file_id', 'offset', 'length', 'code', 'detail'] as const).map((key) =>
        batch.map((line) => String(line[key])),
      ),
      batch.map((line) => (line.line === null ? null : line.line.toString('hex'))),
    ];
    await connection.run(
      'INSERT INTO quarantine SELECT make_timestamptz(t::BIGINT), s, p, pa, f, o::UBIGINT, l::UBIGINT, c, d, from_hex(h) FROM ' +
        '(SELECT unnest(?) t, unnest(?) s, unnest(?) p, unnest(?) pa, unnest(?) f, unnest(?) o, unnest(?) l, unnest(?) c, unnest(?) d, unnest(?) h)',
      columns.map((column) => listValue(column)),
      columns.map(() => LIST(VARCHAR)),
    );
    batch = [];
    bytes = 0;
  };
  for await (const line of lines) {
    batch.push(line);
    bytes += line.line?.length ?? 0;
    if (batch.length >= BATCH || bytes >= BATCH_BYTES) await flush();
    if (++total >= MAX_QUARANTINED) break;
  }
  await flush();
}
