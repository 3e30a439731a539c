import * as fc from 'fast-check';
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeMeta, decodeRecords, encodeMeta, type SegmentMeta, type StampedRecord } from './segment-meta.ts';
import { fileRecord } from './test-store.ts';

const META: SegmentMeta = {
  schema_version: 1,
  from: 1,
  to: 2,
  after: 0,
  durable: 2,
  rows: 3,
  raw_bytes: 4,
  min_ts: 5,
  max_ts: 6,
  max_ingested: 7,
  files: [],
  quarantined: 0,
  records: [],
  resolves: [['f', [1, 2]]],
  removed_events: 8,
};
const packed = (value: unknown) => deflateSync(JSON.stringify(value)).toString('base64');

test('metadata and records come back as they were, whatever paths are called', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'null', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, fc.maxSafeNat())), async (given) => {
      const records = given.map(([path, position], i): StampedRecord => ({
        commit: i,
        record: { ...fileRecord(path, position), path },
      }));
      const texts = await encodeMeta({ ...META, records });
      const { records: _, ...rest } = META;
      expect(decodeMeta(texts.meta)).toEqual(rest);
      expect(decodeRecords(texts.records)).toEqual(records);
    }),
    { numRuns: 100, interruptAfterTimeLimit: 4000 },
  );
});

test('a record of an earlier Varde that lacks a field lacks it afterwards as well', async () => {
  const { first_seen: _, ...older } = fileRecord('older');
  const records = [
    { commit: 1, record: older },
    { commit: 2, record: fileRecord('newer') },
  ] as StampedRecord[];
  expect(decodeRecords((await encodeMeta({ ...META, records })).records)).toEqual(records);
});

test('what is incomplete is refused', () => {
  expect(() => decodeMeta(packed({ ...META, from: '1' }))).toThrow(/incomplete/);
  expect(() => decodeMeta('nonsense')).toThrow();
  expect(() => decodeRecords(packed({ commit: [1, 2], record: { id: ['one'] } }))).toThrow(/incomplete/);
  expect(() => decodeRecords(packed({ record: {} }))).toThrow(/incomplete/);
});
