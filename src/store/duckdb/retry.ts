import { VardeError, messageOf } from '../../base/errors.ts';
import { clearRow, newRow } from '../../event/row.ts';
import type { Parser, Reject } from '../../parse/parser.ts';
import type { QuarantinedLine } from '../store.ts';
import type { Entry } from './catalogue.ts';
import { commitBatch } from './commit.ts';
import { newBatch, reclaim, type Core } from './core.ts';
import { flushFresh } from './merge.ts';
import { readQuarantine } from './quarantine-file.ts';
import { mendQuarantine, rewriteQuarantine } from './quarantine-mend.ts';

/** A batch of lines that parse now is committed at this size. */
const BATCH_BYTES = 6 * 1024 * 1024;
const BATCH_LINES = 20_000;

/**
 * Parses the quarantine again. The commit of the new events names the lines that it resolves, and only then they are taken out of the
 * quarantine file: killed between the two, the next start finishes it.
 */
export async function retryQuarantine(
  core: Core,
  parsers: ReadonlyMap<string, Parser>,
): Promise<{ tried: number; stored: number }> {
  const sum = { tried: 0, stored: 0 };
  // All quarantine files are on disk then, and stay where they are while this runs.
  await flushFresh(core);
  for (const entry of core.catalogue.all('disk')) {
    // Retention may take segments away meanwhile.
    if (entry.quarantine_path === undefined || !core.catalogue.has(entry)) continue;
    const damage = await retryFile(core, entry.quarantine_path, parsers, sum);
    if (damage !== null && core.catalogue.has(entry)) await mendQuarantine(core, entry, damage);
    // Their lines stand nowhere else, once they are taken out of the quarantine: positions are long behind them.
    await flushFresh(core);
    await applyResolves(core, [entry]);
  }
  core.log('quarantine_retried', sum);
  return sum;
}

/** @returns what was in the way of reading the file to its end, or null */
async function retryFile(
  core: Core,
  path: string,
  parsers: ReadonlyMap<string, Parser>,
  sum: { tried: number; stored: number },
): Promise<unknown> {
  let batch = newBatch(core);
  const row = newRow();
  const commit = async () => {
    if (batch.rows > 0) {
      const { rows } = await commitBatch(core, batch);
      sum.stored += rows;
      for (const [id, offsets] of batch.resolves) for (const offset of offsets) resolve(core, id, offset);
    }
    reclaim(core, batch);
    batch = newBatch(core);
  };
  let damage: unknown = null;
  for await (const line of readQuarantine(path, (error) => (damage = error))) {
    if (core.closing.signal.aborted)
      throw new VardeError('interrupted', 'The store closes; the rest waits for the next retry.');
    if (core.resolves.get(line.file_id)?.has(line.offset) === true) continue;
    sum.tried++;
    const parser = parsers.get(line.parser);
    if (line.line === null || parser === undefined) continue;
    clearRow(row);
    if (parseLine(parser, line.line, row) !== null) continue;
    const file = core.catalogue.records().get(line.file_id) ?? unknownFile(line);
    if (!batch.addIfTaken(file, parser, row, line.line, line.offset)) continue;
    const offsets = batch.resolves.get(line.file_id) ?? [];
    offsets.push(line.offset);
    batch.resolves.set(line.file_id, offsets);
    if (batch.bytes >= BATCH_BYTES || batch.rows >= BATCH_LINES) await commit();
  }
  await commit();
  return damage;
}

function parseLine(parser: Parser, line: Buffer, row: ReturnType<typeof newRow>): Reject | null {
  try {
    return parser.row(line, 0, line.length, row);
  } catch (error) {
    return { code: 'parser_failed', detail: messageOf(error) };
  }
}

/** The record of a file that is forgotten by now: only what a row needs of it. */
function unknownFile(line: QuarantinedLine) {
  const { file_id: id, source, parser, path } = line;
  const none = { length: 0, hash: '' };
  const counters = { position: 0, lines_read: 0, events_stored: 0, lines_quarantined: 0, first_seen: 0, last_read: 0 };
  return { id, source, parser, path, dev: '', ino: '', fingerprint: none, tail: none, ...counters };
}

export function resolve(core: Core, fileId: string, offset: number): void {
  const offsets = core.resolves.get(fileId) ?? new Set<number>();
  offsets.add(offset);
  core.resolves.set(fileId, offsets);
}

/** Takes resolved lines out of the quarantine files of these segments. Afterwards nothing is left to resolve in them. */
export async function applyResolves(core: Core, entries: readonly Entry[]): Promise<void> {
  if (core.resolves.size === 0) return;
  for (const entry of entries) {
    const path = entry.quarantine_path;
    if (path === undefined || !core.catalogue.has(entry)) continue;
    const rest: QuarantinedLine[] = [];
    const resolved: QuarantinedLine[] = [];
    let damage: unknown = null;
    for await (const line of readQuarantine(path, (error) => (damage = error))) {
      (core.resolves.get(line.file_id)?.has(line.offset) === true ? resolved : rest).push(line);
    }
    if (damage !== null) await mendQuarantine(core, entry, damage);
    if (resolved.length > 0) await rewriteQuarantine(core, entry, rest);
    for (const { file_id, offset } of resolved) forget(core, file_id, offset);
  }
}

function forget(core: Core, fileId: string, offset: number): void {
  const offsets = core.resolves.get(fileId);
  offsets?.delete(offset);
  if (offsets?.size === 0) core.resolves.delete(fileId);
}
