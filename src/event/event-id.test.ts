import { describe, expect, it } from 'vitest';
import { formatEventId, parseEventId } from './event-id.ts';

describe('event id', () => {
  it.each([
    { file_id: '00c0ffee00c0ffee', offset: 0, ts: 0 },
    { file_id: 'ffffffffffffffff', offset: Number.MAX_SAFE_INTEGER, ts: -5 },
  ])('comes back: %j', (id) => expect(parseEventId(formatEventId(id))).toEqual(id));

  it.each([
    '',
    'x',
    '00c0ffee00c0ffee-1',
    '00C0FFEE00C0FFEE-1-1',
    '00c0ffee00c0ffee-9999999999999999-1',
    '00c0ffee00c0ffee-1-1 ',
    '../x-1-1',
  ])('refuses %j', (text) => expect(parseEventId(text)).toBeNull());
});
