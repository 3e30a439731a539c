import type { Config } from '../config/schema.ts';

/** What of a new config a running station takes over, and the keys that changed but come into force only when it starts anew. */
export interface Change {
  config: Config;
  restart: string[];
}

/**
 * The folders are in use and the page has its address: what the config says of them stays as it was, and is named. Pure.
 *
 * @param running the config in force
 */
export function inForce(config: Config, running: Config): Change {
  const restart: string[] = [];
  const compare = (key: string, is: unknown, was: unknown): void => {
    if (is !== was) restart.push(key);
  };
  compare('data', config.data, running.data);
  compare('store.fresh_folder', config.store.fresh_folder, running.store.fresh_folder);
  for (const key of ['enabled', 'host', 'port'] as const) compare(`web.${key}`, config.web[key], running.web[key]);
  const { fresh_folder } = running.store;
  return {
    config: { ...config, data: running.data, web: running.web, store: { ...config.store, fresh_folder } },
    restart,
  };
}
