import { describe, expect, it } from 'vitest';
import { addFilter } from './add-filter.ts';
import { completeQuery } from './complete.ts';
import { parseQuery } from './grammar.ts';

/** The completion at the bar. */
const at = (marked: string) => completeQuery(marked.replace('|', ''), marked.indexOf('|'));

describe('completeQuery', () => {
  it.each([
    ['|', 'field', ''],
    ['src|', 'field', 'src'],
    ['proto:tcp -dest|', 'field', 'dest'],
    ['(sou|', 'field', 'sou'],
    ['proto:tcp |', 'operator', ''],
    ['proto:tcp AND |', 'field', ''],
    ['proto:t|', 'value', 't'],
    ['sid:>2|', 'value', '2'],
    ['proto:(tcp OR u|', 'value', 'u'],
    ['rule.name:"ET SC|', 'value', 'ET SC'],
    ['"just text|', 'operator', ''],
  ])('%s offers a %s', (marked, kind, prefix) => {
    expect(at(marked)).toMatchObject({ kind, prefix });
  });
  it('names the field of a value and replaces only the value', () => {
    expect(at('NOT rule.name:"ET SC|AN" x')).toMatchObject({ field: 'rule.name', from: 14 });
    expect(at('a -proto:ud|')).toMatchObject({ field: 'proto', from: 9, to: 11 });
  });
  it('puts names with a column and those that begin with the prefix first', () => {
    const found = at('source|');
    expect(found.kind === 'field' && found.options.slice(0, 4).map((o) => o.label)).toEqual([
      'source.ip',
      'source.port',
      'source.bytes',
      'source.packets',
    ]);
    expect(at('nosuchfieldatall|').options).toEqual([]);
  });
});

describe('addFilter', () => {
  it.each<[string, string, string | number | null, boolean, string]>([
    ['', 'rule.id', 2000001, false, 'rule.id:2000001'],
    ['*', 'rule.id', 2000001, true, 'NOT rule.id:2000001'],
    ['a OR b', 'url.path', '/x y', false, '(a OR b) AND url.path:"/x y"'],
    ['sid:5', 'rule.id', 5, false, 'rule.id:5'],
    ['evil -sid:5', 'rule.id', 5, false, 'evil AND rule.id:5'],
    ['evil sid:5', 'rule.id', 5, true, 'evil AND NOT rule.id:5'],
    ['evil', 'tls.client.server_name', null, false, 'evil AND NOT tls.client.server_name:*'],
    ['evil', 'tls.client.server_name', null, true, 'evil AND tls.client.server_name:*'],
    ['', 'suricata.eve.odd key"', 'a"b\n', false, 'suricata.eve.odd\\ key\\":"a\\"b\\n"'],
    ['', 'source.ip', '2001:db8::1', false, 'source.ip:2001:db8::1'],
    ['', 'url.path', '*', false, 'url.path:"*"'],
  ])('%s with %s = %s (exclude: %s)', (expression, field, value, exclude, expected) => {
    const result = addFilter(expression, field, value, exclude);
    expect(result).toBe(expected);
    expect(() => parseQuery(result)).not.toThrow();
  });
});
