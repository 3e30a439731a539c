import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** What one check remembers of one log. Losing it costs time, never the truth: without it the log is looked through as far as it matters. */
export interface LogState {
  /** Newest heartbeat ever seen, milliseconds since the epoch. */
  newest: number | null;
  /** Files looked through, newest first: `device:inode`, how far, and their first bytes (base64), by which a truncated or reused one is known. */
  files: { id: string; offset: number; head: string }[];
}

const EMPTY: LogState = { newest: null, files: [] };

/** `--state`, else a file of its own for each log and set of rules in the plugin's usual folder, else in a private folder below /tmp. */
export function statePath(given: string | null, log: string, salt: string): string {
  if (given !== null) return given;
  const folder = process.env['NAGIOS_PLUGIN_STATE_DIRECTORY'] ?? process.env['MP_STATE_PATH'];
  const base =
    folder !== undefined && folder.startsWith('/') ? folder : join(tmpdir(), `varde-check-${process.getuid?.() ?? 0}`);
  const name = `${resolve(log)} ${salt}`;
  return join(base, `heartbeat-${name.replaceAll(/[^\w.-]+/g, '_').slice(-120)}-${hash(name)}.json`);
}

/** FNV-1a, 32 bits: tells names apart that look alike when shortened; loading node:crypto for it would take longer than the check. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value.toString(16).padStart(8, '0');
}

export function readState(path: string): LogState {
  try {
    const { newest, files } = JSON.parse(readFileSync(path, 'utf8')) as Partial<LogState>;
    return {
      newest: typeof newest === 'number' && Number.isFinite(newest) ? newest : null,
      files: Array.isArray(files)
        ? files.filter(
            (it) =>
              typeof it?.id === 'string' &&
              Number.isSafeInteger(it.offset) &&
              it.offset >= 0 &&
              typeof it.head === 'string',
          )
        : [],
    };
  } catch {
    return EMPTY;
  }
}

/** Null when it is written, else why not. */
export function writeState(path: string, state: LogState): string | null {
  const temporary = `${path}.${process.pid}`;
  try {
    const folder = dirname(path);
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Below /tmp another user may have made the folder first.
    const stat = lstatSync(folder);
    const user = process.getuid?.();
    if (folder.startsWith(join(tmpdir(), 'varde-check-')) && (!stat.isDirectory() || stat.uid !== user))
      return `${folder} belongs to another user`;
    writeFileSync(temporary, JSON.stringify({ ...state, files: state.files.slice(0, 20) }), {
      mode: 0o600,
      flag: 'wx',
    });
    renameSync(temporary, path);
    return null;
  } catch (error) {
    rmSync(temporary, { force: true });
    return error instanceof Error ? error.message : String(error);
  }
}
