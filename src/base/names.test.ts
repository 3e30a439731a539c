import { expect, test } from 'vitest';
import { splitDomain } from './public-suffix.ts';
import { parseUserAgent } from './user-agent.ts';

test.each([
  ['www.example.co.uk', { registered: 'example.co.uk', subdomain: 'www', suffix: 'co.uk' }],
  ['foo.github.io', { registered: 'foo.github.io', subdomain: null, suffix: 'github.io' }],
  ['a.b.home.test', { registered: 'home.test', subdomain: 'a.b', suffix: 'test' }],
  ['Example.COM.', { registered: 'Example.COM', subdomain: null, suffix: 'COM' }],
  ['localhost', null],
  ['co.uk', null],
  ['192.0.2.1', null],
  ['2001:db8::1', null],
  ['x..y', null],
  ['.', null],
  ['', null],
  ['a'.repeat(300), null],
])('%s', (name, expected) => {
  expect(splitDomain(name)).toEqual(expected);
});

test.each([
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0',
    { name: 'Firefox', version: '134.0', osName: 'Linux' },
  ],
  ['curl/7.88.1', { name: 'curl', version: '7.88.1', osName: null }],
  ['python-requests/2.25.1', { name: 'python-requests', version: '2.25.1' }],
  ['', { name: null, version: null, osName: null, osVersion: null, device: null }],
  ['\u001b[31mred\u001b[0m', { name: null, version: null }],
  ['__proto__', { name: null }],
])('the user agent %j', (text, expected) => {
  expect(parseUserAgent(text)).toMatchObject(expected);
});

test('long user agents are cut before anything is searched in them', () => {
  expect(parseUserAgent(`curl/1.0 ${'('.repeat(1_000_000)}`)).toMatchObject({ name: 'curl' });
});
