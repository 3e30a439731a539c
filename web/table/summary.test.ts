import { expect, test } from 'vitest';
import type { EventRow } from '../../src/view/api.ts';
import { cellsOf, valuesOf } from './pieces.ts';
import { columnOf, neededFields } from './columns.ts';
import { summary } from './summary.ts';

const row = (fields: Record<string, string | number>): EventRow => ({ id: 'a', ts: 1, ...fields });
const said = (fields: Record<string, string | number>): string =>
  summary(row(fields))
    .map(({ text, value }) => text ?? String(value))
    .join(' ');

test('each kind of event says what matters of it', () => {
  expect(said({ 'event.action': 'alert', 'event.severity': 1, 'rule.name': 'ET X' })).toBe('1 high ET X');
  expect(
    said({ 'event.action': 'dns', 'dns.type': 'query', 'dns.question.type': 'A', 'dns.question.name': 'a.example' }),
  ).toBe('query A a.example');
  expect(said({ 'event.action': 'tls', 'tls.client.server_name': 'a.example', 'tls.version': '1.3' })).toBe(
    'a.example TLS 1.3',
  );
  expect(said({ 'event.action': 'something new', 'network.protocol': 'smb' })).toBe('smb');
});

test('values are counted through the row, and our own words are none', () => {
  const columns = ['source', 'summary'].map(columnOf);
  const one = row({ 'event.action': 'tls', 'source.ip': '10.0.0.1', 'source.port': 80, 'tls.version': '1.3' });
  expect(cellsOf(one, columns).map((cell) => cell.map(({ place }) => place))).toEqual([
    [0, 1],
    [-1, 2],
  ]);
  expect(valuesOf(one, columns).map(({ field }) => field)).toEqual(['source.ip', 'source.port', 'tls.version']);
});

test('a column may have any name, also that of a property that every object has', () => {
  expect(columnOf('constructor').pieces(row({}))).toEqual([]);
  expect(neededFields([columnOf('source'), columnOf('rule.id')])).toEqual([
    'event.action',
    'source.ip',
    'source.port',
    'rule.id',
  ]);
});
