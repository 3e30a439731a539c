import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EmptyReason } from './api.ts';
import {
  ask,
  fakeQuestions,
  fakeSource,
  fakeStatus,
  fakeStore,
  FILE_ID,
  NOW,
  startFakeStation,
  type FakeStation,
} from './testing/fake-station.ts';

let station: FakeStation;
beforeAll(async () => {
  station = await startFakeStation();
});
afterAll(() => station.stop());
beforeEach(() => {
  station.questions = fakeQuestions();
  station.status = fakeStatus();
});

describe('empty states', () => {
  const reason = (query = ''): Promise<EmptyReason> =>
    ask(station, `/api/empty?${query}`).then((answer) => answer.json() as EmptyReason);
  const unreadable = fakeSource({
    files: [
      {
        path: '/x',
        id: null,
        state: 'unreadable',
        problem: { code: 'EACCES', message: 'permission denied' },
        size: 1,
        position: 0,
        modified: 1,
      },
    ],
  });

  it('nothing configured', async () => {
    station.status = fakeStatus({ sources: [], store: fakeStore({ events: 0 }) });
    expect(await reason()).toEqual({ reason: 'not_configured', command: expect.stringContaining('varde ') });
  });
  it('no events at all', async () => {
    station.status = fakeStatus({ store: fakeStore({ events: 0 }) });
    expect(await reason()).toMatchObject({ reason: 'no_events', sources: [{ id: 'file_tail:0' }] });
  });
  it('the log cannot be read', async () => {
    station.status = fakeStatus({ sources: [unreadable], store: fakeStore({ events: 0 }) });
    expect(await reason()).toMatchObject({ reason: 'source_unreadable', path: '/x', message: 'permission denied' });
  });
  it('none match', async () => {
    expect(await reason('q=sid:1&from=1h')).toEqual({
      reason: 'none_match',
      in_range: 7,
      nearest: { before: 1, after: null },
    });
  });
  it('none in range, and which source is late', async () => {
    const file = {
      path: '/y',
      id: FILE_ID,
      state: 'current',
      problem: null,
      size: 1,
      position: 1,
      modified: 5,
    } as const;
    station.status = fakeStatus({ sources: [fakeSource({ last_line: NOW - 3_600_000, files: [file] })] });
    station.questions = fakeQuestions({ count: async () => 0 });
    expect(await reason('from=5m')).toEqual({
      reason: 'none_in_range',
      nearest: { before: 1, after: null },
      source_late: { path: '/y', last_line: NOW - 3_600_000 },
    });
    expect(await reason('from=50h&to=49h')).toMatchObject({ reason: 'none_in_range', source_late: null });
  });
  it('retention removed them', async () => {
    const store = fakeStore();
    station.status = fakeStatus({ store: { ...store, retention: { ...store.retention, removed_events: 9 } } });
    station.questions = fakeQuestions({ count: async () => 0 });
    expect(await reason('from=50h&to=49h')).toEqual({ reason: 'retention', oldest: store.oldest });
  });
});
