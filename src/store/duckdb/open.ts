import { closeSync } from 'node:fs';
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { VardeError, messageOf, systemCode } from '../../base/errors.ts';
import type { Core } from './core.ts';
import { defaultFreshFolder, prepareFreshFolder, readFreshPointer, writeFreshPointer } from './fresh-folder.ts';
import { flushFresh } from './merge.ts';
import { readRecords } from './read-metas.ts';
import {
  believed,
  type Broken,
  type Descriptors,
  type FolderContent,
  readSegments,
  recover,
  removeFiles,
  type Recovery,
} from './recover.ts';
import { writeRecords } from './retention.ts';
import { applyResolves, resolve } from './retry.ts';
import { parseSegmentName } from './segment-name.ts';
import { listSetAside, moveAside } from './set-aside.ts';
import { basename } from 'node:path';

const READ_TRIES = 50;

/** Makes the folders, finds what lives, sets aside what is damaged, and finishes what a crash interrupted. The caller holds the lock. */
export async function openForWriting(core: Core): Promise<void> {
  const { options } = core;
  const before = await readFreshPointer(options.folder);
  core.fresh = await prepareFreshFolder(options.folder, options.fresh_folder);
  if (core.fresh.problem !== null) {
    core.log('store_noted', {
      what: 'fresh_folder_not_in_memory',
      reason: core.fresh.problem,
      folder: core.fresh.path,
    });
  }
  const aside = await listSetAside(options.folder);
  core.catalogue.setAsideList.push(...aside.list);
  const disk = await readSegments(core.engine, core.disk_folder, 'disk');
  const folders = [core.fresh.path, ...(before !== null && before !== core.fresh.path ? [before] : [])];
  const fresh: FolderContent[] = [];
  for (const folder of folders) fresh.push(await readSegments(core.engine, folder, 'fresh'));

  await loadRecords(core, disk);
  for (const broken of [disk, ...fresh].flatMap((c) => c.broken)) {
    const entry = await moveAside(options.folder, broken, broken.reason);
    core.log('segment_set_aside', { segment: entry.name, reason: broken.reason });
    core.catalogue.setAsideList.push(entry);
  }
  const recovery = recover(
    disk.found,
    fresh.flatMap((c) => c.found),
    brokenCommits(disk.broken),
  );
  for (const { entry } of recovery.orphaned) {
    const reason = 'Events in memory from before it are lost; its lines are read again.';
    core.log('segment_set_aside', { segment: entry.stem, reason });
    core.catalogue.setAsideList.push(await moveAside(options.folder, entry, reason));
  }
  for (const { entry } of recovery.superseded) {
    await removeFiles([entry.keys_path, entry.path, entry.quarantine_path].filter((path) => path !== undefined));
  }
  for (const content of [disk, ...fresh]) await removeFiles(content.litter);
  install(core, recovery);
  core.next = 1 + Math.max(recovery.last, aside.newest, disk.newest, ...fresh.map((c) => c.newest));
  // Before anything is written under the clock of today.
  const newest = core.catalogue.all().toSorted((a, b) => b.seq - a.seq)[0];
  core.clock.started(newest === undefined ? null : newest.max_ingested / 1000, Date.now(), performance.now());
  await finish(core, before, recovery.fell_back);
}

/** Gives the segment whose records count its records; one that cannot give them is broken, and the next one counts. */
async function loadRecords(core: Core, disk: FolderContent): Promise<void> {
  for (;;) {
    const found = believed(disk.found, brokenCommits(disk.broken));
    if (found === null) return;
    try {
      found.meta.records = await readRecords(core.engine, found.entry.path);
      return;
    } catch (error) {
      const { path, quarantine_path, keys_path } = found.entry;
      const reason = messageOf(error);
      disk.broken.push({
        path,
        reason,
        ...(quarantine_path === undefined ? {} : { quarantine_path }),
        ...(keys_path === undefined ? {} : { keys_path }),
      });
      disk.found.splice(disk.found.indexOf(found), 1);
    }
  }
}

function brokenCommits(broken: readonly Broken[]): { from: number; to: number }[] {
  return broken.flatMap((b) => parseSegmentName(basename(b.path)) ?? []);
}

function install(core: Core, recovery: Recovery): void {
  for (const { entry } of recovery.living) core.catalogue.add(entry);
  core.catalogue.resetRecords(recovery.records);
  core.durable_records = new Map(recovery.durable.map((r) => [r.record.id, r]));
  core.durable = recovery.living.reduce((n, f) => (f.entry.level === 'disk' ? Math.max(n, f.meta.durable) : n), 0);
  core.last = recovery.last;
  core.removed_events = recovery.removed_events;
  for (const [id, offsets] of recovery.resolves) for (const offset of offsets) resolve(core, id, offset);
}

/** What may wait for the disk: a full one must not keep the store from opening, since retention is what frees it. */
async function finish(core: Core, before: string | null, fellBack: boolean): Promise<void> {
  const { options } = core;
  try {
    // The broken segment is set aside: without these the next start would take the older records that fell back for the truth again.
    if (fellBack) {
      await flushFresh(core);
      await writeRecords(core);
    }
    await applyResolves(core, core.catalogue.all());
    core.resolves.clear();
    // Segments in a folder that is no longer used go to disk, so that one fresh folder is enough to look after.
    if (core.catalogue.all('fresh').some((e) => e.folder !== core.fresh.path)) await flushFresh(core);
    if (before !== core.fresh.path) await writeFreshPointer(options.folder, core.fresh.path);
  } catch (error) {
    core.log('store_noted', { what: 'recovery_unfinished', reason: messageOf(error) });
  }
}

/**
 * Finds what lives without touching anything. Every file is held open, so the owner may merge and remove while questions run here.
 * Returns how to let go.
 */
export async function openForReading(core: Core): Promise<() => void> {
  const { options } = core;
  await mustBeFolder(options.folder);
  const fresh =
    options.fresh_folder ?? (await readFreshPointer(options.folder)) ?? (await defaultFreshFolder(options.folder));
  core.fresh = { path: fresh, in_memory: true, problem: null };
  for (let attempt = 1; ; attempt++) {
    const descriptors: Descriptors = [];
    const letGo = () => {
      for (const fd of descriptors.splice(0)) closeSync(fd);
    };
    try {
      // Fresh ones first: what is merged meanwhile is then seen twice, and recognised, but never missed.
      const memory = await readSegments(core.engine, fresh, 'fresh', descriptors);
      const disk = await readSegments(core.engine, core.disk_folder, 'disk', descriptors);
      await loadRecords(core, disk);
      const recovery = recover(disk.found, memory.found, brokenCommits(disk.broken));
      core.catalogue.setAsideList.push(...(await listSetAside(options.folder)).list);
      for (const { path, reason } of [...memory.broken, ...disk.broken])
        core.catalogue.setAsideList.push({ name: basename(path), reason });
      install(core, recovery);
      return letGo;
    } catch (error) {
      letGo();
      if (systemCode(error) !== 'ENOENT' || attempt === READ_TRIES) throw asFolderError(options.folder, error);
    }
  }
}

/** @throws VardeError `data_folder` */
export async function makeFolders(core: Core): Promise<void> {
  const { folder } = core.options;
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await mkdir(core.disk_folder, { mode: 0o750 }).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
    });
    await access(core.disk_folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw asFolderError(folder, error);
  }
}

async function mustBeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    throw asFolderError(folder, error);
  });
  if (!found.isDirectory()) throw new VardeError('data_folder', `${folder} is no folder.`);
}

function asFolderError(folder: string, error: unknown): Error {
  if (error instanceof VardeError) return error;
  return new VardeError('data_folder', `${folder} cannot be used: ${messageOf(error)}`, { cause: error });
}
