import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceConfig } from '../config/schema.ts';
import { configSchema } from '../config/schema.ts';

/** A log file at one of the usual places. */
export interface Found {
  path: string;
  bytes: number;
  readable: boolean;
}

export interface Discovery {
  /** One plain sentence each: what was found, whether it may be read, what will be done. */
  lines: string[];
  sources: SourceConfig[];
  found: Found[];
}

export const USUAL_FOLDER = '/var/log/suricata';

/** eve.json, its rotated siblings (eve.json.1, eve.json-20261124.gz) and the threaded ones (eve.3.json). */
const EVE_NAME = /^eve(\.\d{1,4})?\.json([.-][\w.-]{1,40})?$/;

/** Looks at the usual places when there is no config. `folder` is a parameter for tests only. */
export function discover(folder: string = USUAL_FOLDER): Discovery {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'EACCES' ? `may not be listed by this user; add it to the group of ${folder}` : 'does not exist';
    return { lines: [`${folder} ${reason}: nothing to follow yet.`], sources: [], found: [] };
  }
  const found = names
    .filter((name) => EVE_NAME.test(name))
    .sort()
    .flatMap((name) => inspect(join(folder, name)));
  if (found.length === 0) {
    return { lines: [`${folder} has no eve.json: nothing to follow yet.`], sources: [], found };
  }
  const lines = found.map((file) =>
    file.readable
      ? `${file.path} found, ${file.bytes} bytes, readable: will be read from its beginning and followed.`
      : `${file.path} found, ${file.bytes} bytes, NOT readable by this user: add the user to the file's group, or run as root.`,
  );
  const paths = [`${folder}/eve.json*`];
  if (found.some((file) => /\/eve\.\d+\.json/.test(file.path))) paths.push(`${folder}/eve.[0-9]*.json*`);
  const config = configSchema.parse({ sources: [{ type: 'file_tail', parser: 'suricata-eve', paths }] });
  return { lines, sources: config.sources, found };
}

function inspect(path: string): Found[] {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return [];
    return [{ path, bytes: stat.size, readable: mayRead(path) }];
  } catch {
    return [];
  }
}

function mayRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
