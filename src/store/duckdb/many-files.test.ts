import { expect, test, vi } from 'vitest';
import { becameDurable, createCore, snapshot } from './core.ts';
import type { StampedRecord } from './segment-meta.ts';
import { fileRecord, testOptions } from './test-store.ts';

const MOST = 50_000;

function records(count: number, from = 0): StampedRecord[] {
  return Array.from({ length: count }, (_, i) => ({ commit: from + i, record: fileRecord(`f${from + i}`) }));
}

test('of too many files those that were read last are remembered, and it is told when it comes near and when one is forgotten', () => {
  const log = vi.fn();
  const folder = { data: '/nowhere', fresh: '/nowhere', remove: async () => undefined };
  const core = createCore({ ...testOptions(folder), log }, () => undefined);
  const commit = (more: StampedRecord[]) => {
    core.catalogue.setRecords(more);
    becameDurable(core, snapshot(core.catalogue.stamped(), []));
  };
  const told = () => log.mock.calls.splice(0).map(([, fields]) => (fields as { forgotten: number }).forgotten);
  commit(records(10_001));
  expect(core.catalogue.records().size).toBe(10_001);
  expect(told()).toEqual([]);
  commit(records(MOST - 10_001, 10_001));
  commit([]);
  expect(told()).toEqual([0]);
  expect(core.catalogue.records().size).toBe(MOST);
  commit(records(2, MOST));
  expect(told()).toEqual([2]);
  expect(core.catalogue.records().size).toBe(MOST);
  expect(core.catalogue.records().has('f1')).toBe(false);
  expect(core.catalogue.records().has('f2')).toBe(true);
});
