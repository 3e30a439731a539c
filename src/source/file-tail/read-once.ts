import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { VardeError, messageOf, systemCode } from '../../base/errors.ts';
import type { SourceContext } from '../source.ts';
import { Book } from './book.ts';
import { claimsOf } from './claims.ts';
import { fileBytes } from './content.ts';
import { HandOver } from './hand-over.ts';
import { Identity, type Verdict } from './identity.ts';
import { Trail } from './marks.ts';
import { type OpenFile, STILL_POLLS, openRegular } from './open-file.ts';
import { type ReadOnceOptions, type ReadOnceResult, broken, countNewlines, interrupted } from './once.ts';
import { NEWLINE, type ReadLimits, limitsOf } from './piece.ts';
import { readStream } from './read-stream.ts';
import { unreadableBecause } from './unreadable.ts';
import { Damage, unpack } from './unpack.ts';

const PLAIN_BYTES = 1024 * 1024;
const PROOF_WAIT_MS = 50;
const PROOF_TRIES = 40;

/**
 * Reads a file or a stream to its end, once: what was imported or followed before, under whatever name, plain or packed, is not read again.
 * The last line counts although it may lack its newline.
 *
 * @throws VardeError source_unreadable, import_failed, interrupted (when `signal` aborts: everything handed over stays valid)
 */
export async function readOnce(
  input: string | Readable,
  context: SourceContext,
  options: ReadOnceOptions = {},
): Promise<ReadOnceResult> {
  const limits = limitsOf(options);
  try {
    if (typeof input !== 'string') return await readStream(input, '-', context, limits, options);
    const path = resolve(input);
    const file = openForReading(path);
    // A pipe that has a name, such as the shell's <(command).
    if (file === null) return await readStream(createReadStream(path), path, context, limits, options);
    const { claim, release } = claimsOf(context);
    // So that no source follows it meanwhile: each would take it for a new content.
    const mine = claim(file.key);
    try {
      return await readFile(file, mine, context, limits, options);
    } finally {
      if (mine) release(file.key);
      file.close();
    }
  } catch (error) {
    if (options.signal?.aborted === true && !(error instanceof VardeError)) throw interrupted();
    throw error;
  }
}

function openForReading(path: string): OpenFile | null {
  try {
    return openRegular(path, false, 0);
  } catch (error) {
    const denied = systemCode(error) === 'EACCES' || systemCode(error) === 'EPERM';
    const message = denied ? `${path}: ${unreadableBecause(path, error)}` : `${path}: ${messageOf(error)}`;
    throw new VardeError(denied ? 'source_unreadable' : 'import_failed', message, { cause: error });
  }
}

async function readFile(
  file: OpenFile,
  mine: boolean,
  context: SourceContext,
  limits: ReadLimits,
  options: ReadOnceOptions,
): Promise<ReadOnceResult> {
  const book = new Book(context);
  const result: ReadOnceResult = { id: null, already_there_lines: 0, already_there_bytes: 0, problem: null };
  if (!mine) {
    const followed = await followedBy(book, file, options);
    if (followed !== null) return { ...result, ...followed };
  }
  // Nobody else is expected to write to it: what it looks like now is what counts.
  file.stillPolls = STILL_POLLS;
  let verdict: Verdict;
  try {
    const identity = new Identity(book, context);
    if (!(await identity.prepare(file, true))) return result;
    verdict = await identify(identity, book, file, options);
  } catch (error) {
    if (error instanceof Damage) return { ...result, problem: broken(error) };
    throw error;
  }
  if (verdict.kind === 'copy') {
    result.id = verdict.of.record.id;
    await countThere(file, result, options);
    return result;
  }
  const entry =
    verdict.kind === 'continue'
      ? book.hold(verdict.entry, file, verdict.trail)
      : book.create(file, await trailTo(file, verdict.kind === 'new' ? verdict.from : 0));
  result.id = entry.record.id;
  result.already_there_bytes = entry.trail!.position;
  result.already_there_lines = entry.record.lines_read;
  if (verdict.kind === 'continue' && verdict.finished) {
    options.onBytes?.(file.size);
    return result;
  }
  const start = entry.trail!.position;
  const hand = new HandOver(context, entry.record, entry.trail!, limits, options.signal);
  try {
    if (verdict.kind === 'new' && start > 0) await hand.begin();
    if (file.packing === 'plain') {
      for await (const bytes of fileBytes(file.fd, start, PLAIN_BYTES, options.onBytes)) await hand.push(bytes);
    } else {
      let offset = 0;
      for await (const bytes of unpack(file.packing!, fileBytes(file.fd, 0, undefined, options.onBytes))) {
        const skip = Math.min(Math.max(0, start - offset), bytes.length);
        offset += bytes.length;
        await hand.push(bytes.subarray(skip));
      }
    }
    await hand.end();
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    await hand.endDamaged();
    result.problem = broken(error);
  }
  return result;
}

async function identify(identity: Identity, book: Book, file: OpenFile, { signal }: ReadOnceOptions): Promise<Verdict> {
  for (;;) {
    book.refresh();
    const verdict = (await identity.sameInode(file)) ?? (await identity.anyone(file));
    if (verdict.kind !== 'wait') return verdict;
    if (signal?.aborted === true) throw interrupted();
    if (file.doubts > PROOF_TRIES) file.doubts = Infinity;
    // Lines that would prove it are on their way into the store.
    await new Promise((resolve) => setTimeout(resolve, PROOF_WAIT_MS));
  }
}

/**
 * A file that a source of this process follows is read by that source. Null where it holds the file open but does not read it: too old for
 * its `since`, or there before its `start: end`. It has found that out by its next look.
 */
async function followedBy(
  book: Book,
  file: OpenFile,
  { signal }: ReadOnceOptions,
): Promise<Partial<ReadOnceResult> | null> {
  for (let tries = 0; tries < PROOF_TRIES; tries++) {
    if (signal?.aborted === true) throw interrupted();
    book.refresh();
    for (const { record } of book.entries()) {
      if (record.dev !== file.dev || record.ino !== file.ino) continue;
      return { id: record.id, already_there_lines: record.lines_read, already_there_bytes: record.position };
    }
    await new Promise((resolve) => setTimeout(resolve, PROOF_WAIT_MS));
  }
  return null;
}

async function countThere(file: OpenFile, result: ReadOnceResult, { onBytes, signal }: ReadOnceOptions): Promise<void> {
  let last = NEWLINE;
  for await (const bytes of unpack(file.packing!, fileBytes(file.fd, 0, PLAIN_BYTES, onBytes))) {
    if (signal?.aborted === true) throw interrupted();
    result.already_there_bytes += bytes.length;
    result.already_there_lines += countNewlines(bytes);
    last = bytes.at(-1) ?? last;
  }
  if (last !== NEWLINE) result.already_there_lines++;
}

async function trailTo(file: OpenFile, position: number): Promise<Trail> {
  const trail = new Trail();
  if (position === 0) return trail;
  for await (const bytes of fileBytes(file.fd, 0, PLAIN_BYTES)) {
    trail.add(bytes.subarray(0, position - trail.position));
    if (trail.position === position) break;
  }
  return trail;
}
