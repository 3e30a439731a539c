import { expect, it } from 'vitest';
import { parseTarget, Resolver } from './target.ts';

it.each([
  '192.0.2.1',
  '127.0.0.1',
  '2001:db8::1',
  '::1',
  'fe80::1%eth0',
  'sensor.home.test',
  'nas',
  'a_b.test',
  'x.test.',
])('takes %s', (text) => {
  expect(() => parseTarget(text)).not.toThrow();
});

it.each([
  '',
  '0.0.0.0',
  '0.1.2.3',
  '224.0.0.1',
  '239.255.255.250',
  '255.255.255.255',
  '250.1.1.1',
  '::',
  'ff02::1',
  '::ffff:192.0.2.1',
  '192.0.2.0/24',
  '192.0.2',
  '300.1.1.1',
  '1.2.3.4.5',
  '192.0.2.1%eth0',
  'fe80::1%',
  'fe80::1%a/b',
  'a b',
  '-a.test',
  'a..b',
  'a.test; id',
  '$(id)',
  `${'a'.repeat(64)}.test`,
  `${'a.'.repeat(127)}aa`,
  'http://a.test',
  'a.test:80',
  '\u202ea.test',
])('refuses %j', (text) => {
  expect(() => parseTarget(text)).toThrowError(expect.objectContaining({ code: 'probe_target' }));
});

it('resolves names and keeps the answer, and tells what does not resolve', async () => {
  const resolver = new Resolver();
  const local = await resolver.address('localhost', null);
  expect(['127.0.0.1', '::1']).toContain(local.ip.text);
  await expect(resolver.address('nobody.invalid', null)).rejects.toMatchObject({
    code: expect.stringMatching(/^E/) as string,
  });
});

it('gives a link-local address the number of its interface', async () => {
  const resolver = new Resolver();
  expect(await resolver.address('fe80::1%lo', null)).toMatchObject({ scope: 1, text: 'fe80::1%lo' });
  expect(await resolver.address('fe80::1', 'lo')).toMatchObject({ scope: 1, text: 'fe80::1%lo' });
  expect(await resolver.address('2001:db8::1', 'lo')).toMatchObject({ scope: 0, text: '2001:db8::1' });
  expect(() => resolver.address('fe80::1%nowhere0', null)).toThrow(
    expect.objectContaining({ code: 'ENODEV' }) as Error,
  );
});
