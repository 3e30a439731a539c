import { readdir, rm, stat } from 'node:fs/promises';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import type { Entry } from './catalogue.ts';
import type { Engine } from './engine.ts';
import { readMetas } from './read-metas.ts';
import type { SegmentMeta, StampedRecord } from './segment-meta.ts';
import { keysName, parseKeysName, parseQuarantineName, parseSegmentName, TEMPORARY } from './segment-name.ts';
import { toEntry } from './segment-write.ts';

export interface Found {
  entry: Entry;
  meta: SegmentMeta;
}

export interface Broken {
  path: string;
  quarantine_path?: string;
  keys_path?: string;
  reason: string;
}

/** What a folder holds. */
export interface FolderContent {
  found: Found[];
  broken: Broken[];
  /** Newest commit number seen in any name. */
  newest: number;
  /** Half-written files and quarantines without a segment. */
  litter: string[];
}

/** What a start comes to: which segments live, and which records they prove. */
export interface Recovery {
  living: Found[];
  /** Disk segments that are part of a merge, fresh ones that are on disk already. */
  superseded: Found[];
  /** Fresh segments behind a hole: what came before them is lost, so their lines are read again. */
  orphaned: Found[];
  durable: StampedRecord[];
  records: StampedRecord[];
  /** Newest commit that counts. */
  last: number;
  /** A living segment on disk says more of the records than is true (they fell back): the next start must not believe it. */
  fell_back: boolean;
  resolves: [string, number[]][];
  removed_events: number;
}

/** Files kept open under `/proc/self/fd`, so that the owner may remove them while we read (read-only stores). */
export type Descriptors = number[];

/**
 * Reads the names and footers of a folder (without the records of segments on disk). With `descriptors` every file is opened first and its path is that of the descriptor.
 *
 * @throws NodeJS.ErrnoException ENOENT where a file vanished meanwhile (only with `descriptors`: then read again).
 */
export async function readSegments(
  engine: Engine,
  folder: string,
  level: Entry['level'],
  descriptors?: Descriptors,
): Promise<FolderContent> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const content: FolderContent = { found: [], broken: [], newest: 0, litter: [] };
  const { quarantines, litter } = pickQuarantines(folder, names);
  const keys = new Set(names.flatMap((name) => parseKeysName(name) ?? []));
  content.litter = litter;
  const files: { stem: string; path: string; quarantine?: { path: string; lines: number } }[] = [];
  for (const name of names) {
    const parsed = parseSegmentName(name);
    if (parsed === null) continue;
    content.newest = Math.max(content.newest, parsed.to);
    const quarantine = quarantines.get(parsed.stem);
    files.push({
      stem: parsed.stem,
      path: held(join(folder, name), descriptors),
      ...(quarantine === undefined ? {} : { quarantine: { ...quarantine, path: held(quarantine.path, descriptors) } }),
    });
  }
  const metas = await readMetas(
    engine,
    files.map((f) => f.path),
    level === 'fresh',
  );
  for (const file of files) {
    const meta = metas.get(file.path);
    if (meta instanceof Error || meta === undefined) {
      const reason = meta?.message ?? 'it holds no metadata of ours';
      content.broken.push({
        path: file.path,
        reason,
        ...(file.quarantine ? { quarantine_path: file.quarantine.path } : {}),
      });
      continue;
    }
    const bytes = (await stat(file.path)).size;
    const quarantineBytes = file.quarantine === undefined ? 0 : (await stat(file.quarantine.path)).size;
    const entry = toEntry(meta, {
      level,
      folder,
      path: file.path,
      bytes,
      quarantinePath: file.quarantine?.path,
      quarantined: file.quarantine?.lines ?? 0,
      quarantineBytes,
    });
    // A reader that holds descriptors does without: the owner may remove it.
    if (level === 'disk' && descriptors === undefined && keys.has(entry.stem)) {
      entry.keys_path = join(folder, keysName(entry.stem));
      entry.keys_bytes = (await stat(entry.keys_path)).size;
    }
    content.found.push({ entry, meta });
  }
  const stems = new Set(files.map((f) => f.stem));
  for (const [stem, { path }] of quarantines) if (!stems.has(stem)) content.litter.push(path);
  for (const stem of keys) if (!stems.has(stem)) content.litter.push(join(folder, keysName(stem)));
  return content;
}

function held(path: string, descriptors: Descriptors | undefined): string {
  if (descriptors === undefined) return path;
  const fd = openSync(path, 'r');
  descriptors.push(fd);
  return `/proc/self/fd/${fd}`;
}

/** One quarantine per segment: of two (a retry was interrupted) the one with fewer lines is the newer. */
function pickQuarantines(folder: string, names: readonly string[]) {
  const quarantines = new Map<string, { path: string; lines: number }>();
  const litter: string[] = [];
  for (const name of names) {
    const path = join(folder, name);
    if (name.endsWith(TEMPORARY)) litter.push(path);
    const parsed = parseQuarantineName(name);
    if (parsed === null) continue;
    const other = quarantines.get(parsed.stem);
    if (other !== undefined) litter.push(other.lines < parsed.lines ? path : other.path);
    if (other === undefined || parsed.lines < other.lines) quarantines.set(parsed.stem, { path, lines: parsed.lines });
  }
  return { quarantines, litter };
}

/**
 * Decides what lives. Pure: what a crash may leave is proved in its tests. `brokenDisk` are the commits of unreadable disk segments, as their
 * names tell. Of the segments on disk, {@link believed} must have its records.
 */
export function recover(
  disk: readonly Found[],
  fresh: readonly Found[],
  brokenDisk: readonly { from: number; to: number }[] = [],
): Recovery {
  const superseded: Found[] = [];
  const orphaned: Found[] = [];
  const living = outermost(disk, superseded);
  const snapshot = chooseSnapshot(living, brokenDisk);
  const durable = snapshot?.meta.records ?? [];
  const records = new Map(durable.map((r) => [r.record.id, r]));
  let last = snapshot?.meta.durable ?? 0;
  for (const segment of outermost(fresh, superseded)) {
    const { after, to } = segment.meta;
    if (after === last) {
      living.push(segment);
      last = to;
      for (const r of segment.meta.records) records.set(r.record.id, r);
    } else if (to <= last) {
      superseded.push(segment);
    } else {
      orphaned.push(segment);
    }
  }
  return {
    living,
    superseded,
    orphaned,
    durable,
    records: [...records.values()],
    last,
    fell_back: living.some((f) => f.entry.level === 'disk' && f.meta.durable > (snapshot?.meta.durable ?? 0)),
    resolves: living.flatMap((f) => f.meta.resolves),
    removed_events: Math.max(0, ...living.map((f) => f.meta.removed_events)),
  };
}

/** The segment on disk whose records count; null where there is none. */
export function believed(
  disk: readonly Found[],
  brokenDisk: readonly { from: number; to: number }[] = [],
): Found | null {
  return chooseSnapshot(outermost(disk, []), brokenDisk);
}

/**
 * The newest records on disk. Where the newest rows themselves were in a segment that is broken now, the newest records from before it, so
 * that its lines are read again; but never records from before rows that live (nobody wrote any between those rows and the broken ones):
 * these would be stored twice. Then what was in the broken segment is not read again.
 */
function chooseSnapshot(living: readonly Found[], broken: readonly { from: number; to: number }[]): Found | null {
  const newestRows = Math.max(0, ...living.map((f) => f.meta.to));
  const limit = Math.min(...broken.filter((b) => b.from > newestRows).map((b) => b.from), Number.MAX_SAFE_INTEGER);
  const newest = (some: readonly Found[]) =>
    some.reduce<Found | null>((best, f) => (best === null || f.meta.durable > best.meta.durable ? f : best), null);
  return newest(living.filter((f) => f.meta.durable >= newestRows && f.meta.durable < limit)) ?? newest(living);
}

/** Leaves out segments whose commits lie inside another one's (that one is their merge); the rest in order of commit. */
function outermost(segments: readonly Found[], inner: Found[]): Found[] {
  const ordered = segments.toSorted((a, b) => a.meta.from - b.meta.from || b.meta.to - a.meta.to);
  const kept: Found[] = [];
  let covered = -1;
  for (const segment of ordered) {
    if (segment.meta.to <= covered) inner.push(segment);
    else kept.push(segment);
    covered = Math.max(covered, segment.meta.to);
  }
  return kept;
}

export async function removeFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}
