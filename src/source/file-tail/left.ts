import { readlinkSync } from 'node:fs';
import type { OpenFile } from './open-file.ts';

/** What of a file is not read: bytes of content for a plain file; null where nothing is. */
export function leftOf(file: OpenFile): { from: number; size: number } | null {
  const { size, entry, plain, packed, settled } = file;
  if (entry === null) return settled === null && size > 0 && !file.kin ? { from: 0, size } : null;
  const { position } = entry.record;
  const unread = plain === null ? packed?.state === 'reading' : size > position;
  return unread ? { from: position, size } : null;
}

/** Where a file stands now, whatever it was called when it was opened; empty where the system does not tell (Linux proc(5)). */
export function whereIs(file: OpenFile): string {
  try {
    return readlinkSync(`/proc/self/fd/${file.fd}`);
  } catch {
    return '';
  }
}
