import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes what was written to `path` survive a power loss. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a folder survive a power loss. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Gives a finished temporary file its name; with `durable`, content first, then the name (rename(2) alone orders nothing on disk). */
export async function publish(temporary: string, path: string, durable: boolean): Promise<void> {
  if (durable) await syncFile(temporary);
  await rename(temporary, path);
  if (durable) await syncFolder(dirname(path));
}

export async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w', 0o640);
  try {
    for (const part of parts) {
      let at = 0;
      while (at < part.length) at += (await file.write(part, at, part.length - at)).bytesWritten;
    }
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}
