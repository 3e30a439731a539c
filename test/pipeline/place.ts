import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Config } from '../../src/config/schema.ts';

/** Folders and config of one station under test; all is removed when the test is over (VARDE_KEEP=1 keeps it). */
export interface Place {
  root: string;
  logs: string;
  data: string;
  config: string;
  /** The live file that Suricata would write. */
  eve: string;
  /** Writes the config anew with these changes. */
  configure(changes?: Partial<DeepConfig>): void;
}

interface DeepConfig {
  data: string;
  sources: Record<string, unknown>[];
  store: Partial<Config['store']>;
  web: Partial<Config['web']>;
}

export function makePlace(changes: Partial<DeepConfig> = {}): Place {
  const root = mkdtempSync(join(tmpdir(), 'varde-pipeline-'));
  const fresh = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'varde-pipeline-'));
  onTestFinished(() => {
    if (process.env['VARDE_KEEP'] === '1') return;
    rmSync(root, { recursive: true, force: true });
    rmSync(fresh, { recursive: true, force: true });
  });
  const place: Place = {
    root,
    logs: join(root, 'log'),
    data: changes.data ?? join(root, 'data'),
    config: join(root, 'varde.yaml'),
    eve: join(root, 'log', 'eve.json'),
    configure(more = {}) {
      const base = { ...changes, ...more };
      const config = {
        data: base.data ?? place.data,
        sources: base.sources ?? [eveSource(place.logs)],
        store: { fresh_folder: fresh, flush_to_disk_secs: 1, min_free_bytes: 0, ...changes.store, ...more.store },
        web: base.web ?? { enabled: false },
      };
      writeFileSync(place.config, `${JSON.stringify(config, null, 2)}\n`); // JSON is YAML.
    },
  };
  mkdirSync(place.logs);
  place.configure();
  return place;
}

/** Follows `eve.json` and all its rotated siblings; looks often, so that tests are quick. */
export function eveSource(folder: string): Record<string, unknown> {
  return { type: 'file_tail', parser: 'suricata-eve', paths: [join(folder, 'eve.json*')], poll_interval_ms: 50 };
}
