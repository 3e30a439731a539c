import { expect, it } from 'vitest';
import type { FileRecord } from '../../event/position.ts';
import type { SourceContext } from '../source.ts';
import { Book, seenAt } from './book.ts';
import type { OpenFile } from './open-file.ts';
import { Trail, markOf } from './marks.ts';

function recordOf(id: string, position: number, path = `/log/${id}`): FileRecord {
  const mark = markOf(Buffer.from(id));
  return {
    id,
    source: 'file_tail:9',
    parser: 'suricata-eve',
    path,
    dev: '1',
    ino: id,
    fingerprint: mark,
    tail: mark,
    position,
    lines_read: 0,
    events_stored: 0,
    lines_quarantined: 0,
    first_seen: 0,
    last_read: 0,
  };
}

function bookOf(records: Map<string, FileRecord>): Book {
  const context = { id: 'file_tail:0', parser: 'suricata-eve', known: () => records.values(), now: () => 0 };
  return new Book(context as unknown as SourceContext);
}

const fileOf = (path: string): OpenFile =>
  ({ path, key: `1:${path}`, head: Buffer.from(path), release: () => undefined }) as unknown as OpenFile;

it('keeps what others have read only while files are identified', () => {
  const book = bookOf(new Map(Array.from({ length: 500 }, (_, i) => [`r${i}`, recordOf(`r${i}`, 10)])));
  book.refresh();
  expect([...book.entries()]).toHaveLength(500);
  expect(book.matching(Buffer.from('r7 and more')).size).toBe(1);
  const [entry] = book.entries();
  book.hold(entry!, fileOf('/log/mine'), new Trail(10));
  book.rest();
  expect([...book.entries()].map(({ record }) => record.id)).toEqual(['r0']);
  book.refresh();
  expect([...book.entries()]).toHaveLength(500);
});

it('knows where a content was seen: as its record says, where it was held, and after its bytes were let go', () => {
  const records = new Map([['r', recordOf('r', 10)]]);
  const book = bookOf(records);
  book.refresh();
  const [entry] = book.entries();
  expect([seenAt(entry!, '/log/r'), seenAt(entry!, '/log/other')]).toEqual(['1:r', undefined]);
  book.hold(entry!, fileOf('/log/moved'), new Trail(10));
  expect([seenAt(entry!, '/log/r'), seenAt(entry!, '/log/moved')]).toEqual(['1:r', '1:/log/moved']);
  entry!.holder = null;
  // More contents without a file than are kept with their bytes.
  for (let i = 0; i < 2001; i++) {
    const record = recordOf(`f${i}`, 1);
    records.set(record.id, record);
    const own = { record, trail: null, holder: null, places: null, probe: Buffer.alloc(0), missing: 0 };
    book.hold(own, fileOf(`/log/f${i}`), new Trail(1));
    own.holder = null;
  }
  book.refresh();
  // Others read on, under another name.
  records.set('r', recordOf('r', 20, '/log/r.1'));
  book.refresh();
  const again = [...book.entries()].find(({ record }) => record.id === 'r')!;
  expect(['/log/r.1', '/log/moved', '/log/r'].map((path) => seenAt(again, path))).toEqual([
    '1:r',
    '1:/log/moved',
    '1:r',
  ]);
});
