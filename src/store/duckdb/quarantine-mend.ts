import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { QuarantinedLine } from '../store.ts';
import type { Entry } from './catalogue.ts';
import type { Core } from './core.ts';
import { publish, writeWhole } from './durable.ts';
import { packQuarantine, readQuarantine } from './quarantine-file.ts';
import { quarantineName, TEMPORARY } from './segment-name.ts';
import { moveAside } from './set-aside.ts';

/**
 * A quarantine file that is gone or cannot be read to its end: the lines before the damage stay, and the file as it is goes to `set-aside/`
 * with a text that says how many lines are lost. One bad file so costs its own lines, and neither a merge nor a retry stops at it.
 */
export async function mendQuarantine(core: Core, entry: Entry, damage: unknown): Promise<void> {
  const path = entry.quarantine_path;
  if (path === undefined) return;
  const readable: QuarantinedLine[] = [];
  for await (const line of readQuarantine(path, () => undefined)) readable.push(line);
  const lost = entry.quarantined - readable.length;
  const reason = `${lost} of ${entry.quarantined} quarantined lines cannot be read: ${messageOf(damage)}`;
  await putQuarantine(entry, readable);
  // Of the same name where all lines can be read: then the damaged file is replaced already, and nothing is lost.
  if (entry.quarantine_path === path) return;
  core.log('segment_set_aside', { segment: basename(path), reason });
  core.catalogue.setAsideList.push(await moveAside(core.options.folder, { path }, reason));
}

/** Leaves these lines in the quarantine. */
export async function rewriteQuarantine(core: Core, entry: Entry, rest: readonly QuarantinedLine[]): Promise<void> {
  const old = entry.quarantine_path;
  await putQuarantine(entry, rest);
  if (old !== undefined && old !== entry.quarantine_path) await rm(old, { force: true });
  core.log('store_noted', { what: 'quarantine_rewritten', segment: entry.stem, left: rest.length });
}

/** The new file beside the old one: killed before that is removed, the next start takes the one with fewer lines. */
async function putQuarantine(entry: Entry, lines: readonly QuarantinedLine[]): Promise<void> {
  if (lines.length > 0) {
    const path = join(entry.folder, quarantineName(entry.stem, lines.length));
    await writeWhole(`${path}${TEMPORARY}`, [await packQuarantine(lines)]);
    await publish(`${path}${TEMPORARY}`, path, true);
    entry.quarantine_path = path;
    entry.quarantine_bytes = (await stat(path)).size;
  } else {
    delete entry.quarantine_path;
    entry.quarantine_bytes = 0;
  }
  entry.quarantined = lines.length;
}
