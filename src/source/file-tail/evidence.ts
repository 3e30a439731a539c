import { dirname } from 'node:path';
import type { SourceContext } from '../source.ts';
import type { Book, Entry } from './book.ts';
import type { Survey } from './content.ts';
import { MARK_BYTES } from './marks.ts';
import type { OpenFile } from './open-file.ts';
import { NEWLINE } from './piece.ts';

/** Lines from the end of a copy that are compared with stored ones, until one is found in the store. */
const LINES = 8;
/** Attempts (one per poll) for which a line that the store does not show yet is waited for. */
const PATIENCE = 120;
/** Known contents whose first line is compared with a file that is shorter than their fingerprint. */
const NEIGHBOURS = 64;
const ASK_AGAIN_MS = 10_000;

interface LineAt {
  offset: number;
  bytes: Buffer;
  whole: boolean;
}

/**
 * Proof by stored lines (rule 4): a copy that is shorter than what was read holds the same lines, or it is another file. A copy ends early
 * where copytruncate copied while the writer went on and the lines were read before the truncation.
 */
export class Evidence {
  private readonly context: SourceContext;
  private readonly book: Book;
  private readonly firstLines = new Map<string, { line: Buffer | null; asked: number }>();

  constructor(context: SourceContext, book: Book) {
    this.context = context;
    this.book = book;
  }

  /** `pending` while the lines may still be on their way into the store. */
  async isPrefix(
    file: Pick<OpenFile, 'head' | 'doubts'>,
    entry: Entry,
    seen: Survey,
  ): Promise<'same' | 'different' | 'pending'> {
    for (const { offset, bytes, whole } of lastLines(seen)) {
      const stored = await this.context.lineAt(entry.record.id, offset);
      if (stored === null) continue;
      return agree(stored, bytes, whole) ? 'same' : 'different';
    }
    const { probe, record } = entry;
    const committed = this.context.committed?.(record.id);
    if (committed === undefined ? file.doubts++ < PATIENCE : committed < seen.length) return 'pending';
    // Its first line is in the store, but at none of these places does a line begin: the contents part in between.
    if ((await this.firstLine(record.id)) !== null) return 'different';
    // Its lines are not in the store (quarantined, removed by retention): the head has to do.
    const compared = Math.min(file.head.length, Math.max(record.fingerprint.length, probe.length));
    return compared >= MARK_BYTES || record.fingerprint.length <= file.head.length || probe.length >= seen.length
      ? 'same'
      : 'different';
  }

  /** Contents, not read in this run, whose fingerprint is longer than this file: their first line tells whether they may be the same. */
  async shorterThanRead(file: OpenFile): Promise<Entry[]> {
    if (file.head.length >= MARK_BYTES) return [];
    const folder = dirname(file.path);
    const near = [...this.book.entries()]
      .filter(
        ({ record, holder, trail }) =>
          holder === null && trail === null && record.fingerprint.length > file.head.length,
      )
      .filter(({ record }) => dirname(record.path) === folder)
      .sort((a, b) => b.record.last_read - a.record.last_read)
      .slice(0, NEIGHBOURS);
    const newline = file.head.indexOf(NEWLINE);
    const mine = newline === -1 ? file.head : file.head.subarray(0, newline);
    const found: Entry[] = [];
    for (const entry of near) {
      const first = await this.firstLine(entry.record.id);
      if (first !== null && agree(first, mine, newline !== -1)) found.push(entry);
    }
    return found;
  }

  private async firstLine(id: string): Promise<Buffer | null> {
    const now = this.context.now();
    const known = this.firstLines.get(id);
    // A line that was not there may have been on its way into the store.
    if (known !== undefined && (known.line !== null || now - known.asked < ASK_AGAIN_MS)) return known.line;
    const line = await this.context.lineAt(id, 0);
    this.firstLines.set(id, { line, asked: now });
    return line;
  }
}

function agree(stored: Buffer, bytes: Buffer, whole: boolean): boolean {
  const [a, b] = [trimmed(stored), trimmed(bytes)];
  return whole ? a.equals(b) : a.subarray(0, b.length).equals(b);
}

/** Without the carriage return, which a store may keep or not. */
function trimmed(line: Buffer): Buffer {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line;
}

/** The last lines of a content whose beginning is within sight, the last first. */
function lastLines({ length, end }: Survey): LineAt[] {
  const lines: LineAt[] = [];
  const base = length - end.length;
  let stop = end.length;
  let whole = stop > 0 && end[stop - 1] === NEWLINE;
  if (whole) stop--;
  while (lines.length < LINES) {
    const newline = stop === 0 ? -1 : end.lastIndexOf(NEWLINE, stop - 1);
    if (newline === -1 && base > 0) break;
    lines.push({ offset: base + newline + 1, bytes: end.subarray(newline + 1, stop), whole });
    if (newline <= 0 && newline === -1) break;
    stop = newline;
    whole = true;
  }
  return lines.filter(({ bytes }) => bytes.length > 0);
}
