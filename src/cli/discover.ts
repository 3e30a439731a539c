import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema, type SourceConfig } from '../config/schema.ts';

/** A log file at one of the usual places. */
export interface Found {
  path: string;
  bytes: number;
  readable: boolean;
}

export interface Discovery {
  /** One plain sentence each: what was found, whether it may be read, what will be done. */
  lines: string[];
  /** Never empty: a log that appears later is found by the same patterns. */
  sources: SourceConfig[];
  found: Found[];
}

export const USUAL_FOLDER = '/var/log/suricata';

/** eve.json, its rotated siblings (eve.json.1, eve.json-20261124.gz) and the threaded ones (eve.3.json). */
const EVE_NAME = /^eve(\.\d{1,4})?\.json([.-][\w.-]{1,40})?$/;

/** Looks at the usual places when there is no config. `folder` is a parameter for tests only. */
export function discover(folder: string = USUAL_FOLDER): Discovery {
  const paths = [`${folder}/eve.json*`, `${folder}/eve.[0-9]*.json*`];
  const { sources } = configSchema.parse({ sources: [{ type: 'file_tail', parser: 'suricata-eve', paths }] });
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES';
    const reason = denied
      ? 'may not be listed by this user: add the user to its group'
      : 'does not exist yet: it is followed as soon as it does';
    return { lines: [`${folder} ${reason}.`], sources, found: [] };
  }
  const found = names
    .filter((name) => EVE_NAME.test(name))
    .sort()
    .flatMap((name) => inspect(join(folder, name)));
  const lines = found.map((file) =>
    file.readable
      ? `${file.path}: ${file.bytes} bytes, readable. It is read from its beginning${/\.(gz|zst)$/.test(file.path) ? '' : ' and followed'}.`
      : `${file.path}: ${file.bytes} bytes, but this user may not read it. Add the user to the file's group, or run as root.`,
  );
  if (found.length === 0) lines.push(`${folder} has no eve.json yet: it is followed as soon as Suricata writes one.`);
  return { lines, sources, found };
}

function inspect(path: string): Found[] {
  try {
    const stat = statSync(path);
    return stat.isFile() ? [{ path, bytes: stat.size, readable: mayRead(path) }] : [];
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
