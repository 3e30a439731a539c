import type { Store, StoreOptions } from '../store.ts';
import { createQuestions } from './questions/questions.ts';
import { DuckdbStore } from './writer.ts';

/** The embedded store. Nothing is touched, and DuckDB not loaded, before `open()`. */
export function createDuckdbStore(options: StoreOptions): Store {
  return new DuckdbStore(options, createQuestions);
}
