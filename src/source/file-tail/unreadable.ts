import { type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { ERROR_CODES } from '../../base/error-codes.ts';
import { messageOf, systemCode } from '../../base/errors.ts';

/** Why a path cannot be read, and what to do about it, in plain words. */
export function unreadableBecause(path: string, error: unknown, stats?: BigIntStats): string {
  const code = systemCode(error);
  if (code === 'EMFILE' || code === 'ENFILE') {
    return 'too many files are open; raise the limit (LimitNOFILE= in the systemd unit, or ulimit -n)';
  }
  if (code !== 'EACCES' && code !== 'EPERM') return messageOf(error);
  const { remedy } = ERROR_CODES.source_unreadable;
  if (stats === undefined)
    return `permission denied: this user may not enter ${dirname(path)} or list ${path}. ${remedy}`;
  const mode = (Number(stats.mode) & 0o7777).toString(8).padStart(4, '0');
  const me = process.geteuid?.() ?? '?';
  return `permission denied: the file belongs to user ${stats.uid} and group ${stats.gid} (mode ${mode}), Varde runs as user ${me}. ${remedy}`;
}
