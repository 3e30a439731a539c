import type { Config } from '../config/schema.ts';
import type { Store, StoreLimits, StoreOptions } from '../store/store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

const GB = 1_000_000_000;
/** Together with Node's own memory this stays below 512 MB (docs/benchmarks.md). */
const INGEST_MEMORY_BYTES = 160 * 1024 * 1024;
const QUESTION_MEMORY_BYTES = 200 * 1024 * 1024;

/** The part of the config that an open store can change. */
export function storeLimits({ store }: Config): StoreLimits {
  return {
    flush_to_disk_secs: store.flush_to_disk_secs,
    max_age_secs: store.max_age_secs ?? null,
    max_bytes: store.max_bytes ?? null,
    // Below zero: the store takes 5 % of its disk, at most one gigabyte.
    min_free_bytes: store.min_free_bytes ?? -GB,
  };
}

export function storeOptions(config: Config, telemetry?: Telemetry): StoreOptions {
  return {
    folder: config.data,
    fresh_folder: config.store.fresh_folder,
    ...storeLimits(config),
    ingest_memory_bytes: INGEST_MEMORY_BYTES,
    question_memory_bytes: QUESTION_MEMORY_BYTES,
    log: telemetry === undefined ? undefined : (event, fields) => telemetry.emitByName(event, fields),
  };
}

/**
 * Opens the embedded store. DuckDB is loaded only here, so that commands which need no store start without it.
 *
 * @throws VardeError data_folder, data_locked, store_unavailable
 */
export async function openStore(
  config: Config,
  telemetry?: Telemetry,
  options: { read_only?: boolean } = {},
): Promise<Store> {
  const { createDuckdbStore } = await import('../store/duckdb/duckdb-store.ts');
  const store = createDuckdbStore({ ...storeOptions(config, telemetry), ...options });
  await store.open();
  return store;
}
