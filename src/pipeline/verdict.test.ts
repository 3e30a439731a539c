import { describe, expect, it } from 'vitest';
import type { FileStatus } from '../source/source.ts';
import type { StoreStatus } from '../store/store.ts';
import type { SourceReport } from '../view/api.ts';
import { Rate } from './rate.ts';
import { sourceProblems, storeProblems, verdict } from './verdict.ts';

const NOW = 1_000_000;

const file = (extra: Partial<FileStatus> = {}): FileStatus => ({
  path: '/log/eve.json',
  id: 'a',
  state: 'current',
  problem: null,
  size: 10,
  position: 10,
  modified: NOW,
  ...extra,
});

const source = (extra: Partial<SourceReport> = {}): SourceReport => ({
  id: 'file_tail:0',
  type: 'file_tail',
  parser: 'suricata-eve',
  patterns: ['/log/eve.json*'],
  files: [file()],
  lag_bytes: 0,
  last_line: NOW,
  accounting: { lines_read: 5, events_stored: 5, lines_quarantined: 0, in_flight: 0 },
  by_file: {},
  problems: [],
  ...extra,
});

const store = (extra: Partial<StoreStatus> = {}): StoreStatus =>
  ({
    folder: '/data',
    waiting: null,
    quarantined: 0,
    set_aside: [],
    disk: { free: 50, total: 100 },
    ...extra,
  }) as StoreStatus;

describe('verdict', () => {
  const f = (sources: SourceReport[], expected: string, extra: { store?: StoreStatus; busySince?: number } = {}) =>
    expect(verdict(sources, extra.store ?? store(), extra.busySince ?? null, NOW).state).toBe(expected);
  const unreadable = file({
    state: 'unreadable',
    problem: { code: 'source_unreadable', message: 'permission denied' },
  });

  it('says in one word how things are', () => {
    f([source()], 'alive');
    // Nothing configured, nothing there, nothing written yet.
    f([], 'unknown');
    f([source({ files: [] })], 'unknown');
    f([source({ accounting: { lines_read: 0, events_stored: 0, lines_quarantined: 0, in_flight: 0 } })], 'unknown');
    // Nothing can be read, or nothing kept.
    f([source({ files: [unreadable] })], 'blind');
    f([source()], 'blind', { store: store({ waiting: { code: 'store_full', message: 'disk full', since: 0 } }) });
    // Behind.
    f([source({ lag_bytes: 100, last_line: NOW - 60_000 })], 'late');
    f([source({ lag_bytes: 100 })], 'alive');
    f([source()], 'late', { busySince: NOW - 60_000 });
    f([source({ files: [file(), unreadable] })], 'late');
  });

  it('names problems with their remedy', () => {
    expect(sourceProblems(source({ files: [unreadable] }))[0]).toMatchObject({ code: 'source_unreadable' });
    expect(sourceProblems(source({ files: [] }))[0]).toMatchObject({ code: 'no_files' });
    expect(storeProblems(store())).toEqual([]);
    expect(
      storeProblems(
        store({ quarantined: 2, disk: { free: 1, total: 100 }, set_aside: [{ name: 'x', reason: 'cut' }] }),
      ).map((p) => p.code),
    ).toEqual(['segment_corrupt', 'quarantine', 'disk_nearly_full']);
  });
});

it('counts events per second over ten seconds, and forgets after a clock jump', () => {
  const rate = new Rate();
  rate.add(100, 5000);
  rate.add(100, 6000);
  expect(rate.perSecond(6500)).toBe(20);
  expect(rate.perSecond(15_500)).toBe(10);
  expect(rate.perSecond(30_000)).toBe(0);
  rate.add(50, 30_000);
  expect(rate.perSecond(1000)).toBe(0);
});
