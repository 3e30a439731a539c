import { readFileSync } from 'node:fs';

/** The package's version; package.json stands one folder above dist/ and two above src/base/. */
export const VERSION: string = readVersion();

function readVersion(): string {
  for (const up of ['../package.json', '../../package.json', '../../../package.json']) {
    try {
      const text = readFileSync(new URL(up, import.meta.url), 'utf8');
      const parsed = JSON.parse(text) as { name?: string; version?: string };
      if (parsed.name === 'varde' && parsed.version !== undefined) return parsed.version;
    } catch {
      // Not there: look one folder further up.
    }
  }
  return '0.0.0';
}
