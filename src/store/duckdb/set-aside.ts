import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf, systemCode } from '../../base/errors.ts';
import { parseSegmentName } from './segment-name.ts';

/** A damaged segment that was taken out of the store. */
export interface SetAside {
  name: string;
  reason: string;
}

export const SET_ASIDE = 'set-aside';
const REASON = '.reason.txt';

/** Moves a segment and its quarantine to `set-aside/`, with a text beside it that says why. Never throws: the store goes on without it. */
export async function moveAside(
  folder: string,
  segment: { path: string; quarantine_path?: string; keys_path?: string },
  reason: string,
): Promise<SetAside> {
  const name = basename(segment.path);
  const target = join(folder, SET_ASIDE);
  try {
    await mkdir(target, { recursive: true, mode: 0o750 });
    await writeFile(join(target, `${name}${REASON}`), `${reason}\n`);
    if (segment.keys_path !== undefined) await rm(segment.keys_path, { force: true });
    await move(segment.path, join(target, name));
    if (segment.quarantine_path !== undefined)
      await move(segment.quarantine_path, join(target, basename(segment.quarantine_path)));
    return { name, reason };
  } catch (error) {
    return { name, reason: `${reason} (and could not be moved: ${messageOf(error)})` };
  }
}

/** What was set aside in earlier runs, and the newest commit number among it. */
export async function listSetAside(folder: string): Promise<{ list: SetAside[]; newest: number }> {
  const target = join(folder, SET_ASIDE);
  const list: SetAside[] = [];
  let newest = 0;
  for (const file of await readdir(target).catch(() => [])) {
    newest = Math.max(newest, parseSegmentName(file)?.to ?? 0);
    if (!file.endsWith(REASON)) continue;
    const reason = await readFile(join(target, file), 'utf8').catch(() => 'unknown');
    list.push({ name: file.slice(0, -REASON.length), reason: reason.trim() });
  }
  return { list, newest };
}

/** The fresh folder is another file system: there a move is a copy. A file that is gone already needs no move. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    if (systemCode(error) !== 'EXDEV') throw error;
    await copyFile(from, to);
    await rm(from, { force: true });
  }
}
