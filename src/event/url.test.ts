import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { extensionOf, hostOfAuthority, splitUrl, type UrlParts } from './url.ts';

function parts(target: string): Partial<UrlParts> {
  return Object.fromEntries(Object.entries(splitUrl(target)).filter(([, value]) => value !== null));
}

test.each<[string, Partial<UrlParts>]>([
  ['', {}],
  ['/', { path: '/' }],
  ['*', { path: '*' }],
  ['/a/b.tar.gz?x=1?y#z#w', { path: '/a/b.tar.gz', extension: 'gz', query: 'x=1?y', fragment: 'z#w' }],
  ['/a?', { path: '/a' }],
  ['/a#?b', { path: '/a', fragment: '?b' }],
  ['?q', { query: 'q' }],
  ['/a%2F..//b', { path: '/a%2F..//b' }],
  ['//evil.test/x', { path: '//evil.test/x' }],
  ['http://home.test', { scheme: 'http', domain: 'home.test' }],
  [
    'HTTP://u:p@home.test:8080/x?y',
    { scheme: 'http', username: 'u', domain: 'home.test', port: 8080, path: '/x', query: 'y' },
  ],
  ['http://a@b@c/x', { scheme: 'http', username: 'a@b', domain: 'c', path: '/x' }],
  ['http://[2001:db8::1]:80/x', { scheme: 'http', domain: '2001:db8::1', port: 80, path: '/x' }],
  ['http://h:99999/', { scheme: 'http', domain: 'h', path: '/' }],
  ['home.test:443', { domain: 'home.test', port: 443 }],
  ['javascript:alert(1)', { path: 'javascript:alert(1)' }],
])('%j is %j', (target, expected) => {
  expect(parts(target)).toEqual(expected);
});

test.each([
  ['/a.b/c', null],
  ['/a.', null],
  ['/.profile', null],
  ['/a/..', null],
  ['x.exe', 'exe'],
  ['C:\\a.b\\c.d', 'd'],
  ['C:\\a.b\\c', null],
  [`/a.${'x'.repeat(40)}`, null],
])('the extension of %j is %j', (path, extension) => {
  expect(extensionOf(path)).toBe(extension);
});

test('hosts of authorities', () => {
  expect(['home.test:80', 'u@home.test', '[::1]:80', ''].map(hostOfAuthority)).toEqual([
    'home.test',
    'home.test',
    '::1',
    null,
  ]);
});

test('the parts of an origin form make up the target again, and nothing throws', () => {
  const piece = fc.constantFrom('/', '?', '#', ':', '@', '[', ']', '.', 'a', 'http://', '\u0000', '%', ' ', '443');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const target = `/${pieces.join('')}`;
      const { path, query, fragment } = splitUrl(target);
      const [rest, ...hashes] = target.split('#');
      const [start, ...marks] = rest!.split('?');
      expect([path ?? '', query ?? '', fragment ?? '']).toEqual([start, marks.join('?'), hashes.join('#')]);
      splitUrl(pieces.join(''));
    }),
    { interruptAfterTimeLimit: 2000 },
  );
});
