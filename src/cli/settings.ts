import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { configSchema, type Config } from '../config/schema.ts';

/** Options that every command takes. */
export interface CommonOptions {
  config?: string;
  data?: string;
}

export interface Settings {
  config: Config;
  /** The file that was read, or null where defaults rule. */
  configPath: string | null;
}

export const DEFAULT_CONFIG_PATH = '/etc/varde/varde.yaml';

/**
 * The config of a command: `-c FILE`, else /etc/varde/varde.yaml where it exists, else the defaults; `--data DIR` overrules its data folder.
 *
 * @throws VardeError config_unreadable, config_invalid
 */
export function resolveSettings(options: CommonOptions): Settings {
  const path = options.config ?? (existsSync(DEFAULT_CONFIG_PATH) ? DEFAULT_CONFIG_PATH : null);
  const config = path === null ? { ...configSchema.parse({}), data: defaultDataFolder() } : loadConfig(path);
  if (options.data !== undefined) config.data = options.data;
  config.data = resolve(config.data);
  return { config, configPath: path === null ? null : resolve(path) };
}

/** /var/lib/varde where this user can use it, otherwise the user's own state folder (XDG base directory specification). */
export function defaultDataFolder(env: NodeJS.ProcessEnv = process.env): string {
  const system = '/var/lib/varde';
  if (usable(system)) return system;
  const state = env['XDG_STATE_HOME'];
  return join(state !== undefined && state.startsWith('/') ? state : join(homedir(), '.local', 'state'), 'varde');
}

function usable(folder: string): boolean {
  try {
    const target = existsSync(folder) ? folder : join(folder, '..');
    accessSync(target, constants.W_OK | constants.X_OK);
    return statSync(target).isDirectory();
  } catch {
    return false;
  }
}
