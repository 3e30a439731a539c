import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the package: where `package.json`, `dist/web` and the demo's recording stand, from a checkout as well as installed. */
export const PACKAGE_ROOT: string = find(dirname(fileURLToPath(import.meta.url)));

function find(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'varde')
    return folder;
  const up = dirname(folder);
  return up === folder ? process.cwd() : find(up);
}
