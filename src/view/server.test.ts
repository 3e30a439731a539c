import { chmodSync, existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROUTES } from './routes.ts';
import { createView } from './server.ts';
import { loadStaticFiles } from './static-files.ts';
import { ask, fakeQuestions, startFakeStation, type FakeStation } from './testing/fake-station.ts';

let station: FakeStation;
beforeAll(async () => {
  station = await startFakeStation();
});
afterAll(() => station.stop());
beforeEach(() => {
  station.questions = fakeQuestions();
});

const asFrom = (headers: Record<string, string>, path = '/api/count', method = 'GET') =>
  ask(station, path, { method, headers });

describe('who may ask', () => {
  it.each([
    ['localhost', true],
    ['LocalHost', true],
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['[::1]', true],
    ['evil.example', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['192.168.1.2', false],
    ['[::2]', false],
    ['0.0.0.0', false],
  ])('host %s: %s', async (host, allowed) => {
    const answer = await asFrom({ host: `${host}:${station.port}` });
    expect(answer.status).toBe(allowed ? 200 : 403);
    if (!allowed) expect(answer.json()).toMatchObject({ error: { code: 'forbidden' } });
  });

  it('under any port, since a tunnel may have another at its near end; its own page may post there', async () => {
    expect((await asFrom({ host: `localhost:${station.port + 1}` })).status).toBe(200);
    const tunnel = { host: 'localhost:9000', origin: 'http://localhost:9000' };
    expect((await asFrom(tunnel, '/api/quarantine/retry', 'POST')).status).toBe(200);
    expect((await asFrom({ ...tunnel, origin: 'http://localhost:9001' }, '/api/quarantine/retry', 'POST')).status).toBe(
      403,
    );
  });

  it('no other web page may post', async () => {
    const own = `http://127.0.0.1:${station.port}`;
    const retry = '/api/quarantine/retry';
    expect((await asFrom({ origin: own, 'sec-fetch-site': 'same-origin' }, retry, 'POST')).status).toBe(200);
    expect((await asFrom({}, retry, 'POST')).status).toBe(200);
    for (const origin of [
      'http://evil.example',
      'null',
      own.replace('http', 'https'),
      `http://localhost:${station.port + 1}`,
      `${own}.evil.example`,
    ]) {
      expect((await asFrom({ origin }, retry, 'POST')).status, origin).toBe(403);
    }
    for (const site of ['cross-site', 'same-site'])
      expect((await asFrom({ 'sec-fetch-site': site }, retry, 'POST')).status).toBe(403);
  });

  it('no other web page may ask, but a link may open the page', async () => {
    const cross = { 'sec-fetch-site': 'cross-site' };
    for (const path of ['/api/count', '/api/export', '/metrics', '/healthz', '/api/nothing']) {
      expect((await asFrom(cross, path)).status, path).toBe(403);
    }
    expect((await asFrom(cross, '/events?q=x')).status).toBe(200);
    // An encoded address is no way around.
    expect((await asFrom(cross, '/%61pi/count')).status).toBe(404);
  });

  it('counts and logs refusals', async () => {
    await asFrom({ host: 'evil.example' });
    const text = (await ask(station, '/metrics')).body.toString();
    expect(text).toMatch(/varde_http_refused_requests_total\{reason="host"\} \d+/);
    expect(station.logged.join('')).toContain('"event":"request_refused"');
  });

  it('the socket asks nobody for a name, but only the own user can open it', async () => {
    expect(
      (
        await ask(station, '/api/count', {
          socket: true,
          headers: { host: 'anything', 'sec-fetch-site': 'cross-site' },
        })
      ).status,
    ).toBe(200);
    expect(statSync(station.socket).mode & 0o777).toBe(0o600);
  });
});

describe('every answer', () => {
  it('carries the security headers, whatever it is', async () => {
    const paths = [
      '/',
      '/assets/app-abc123.js',
      '/nothing',
      '/metrics',
      ...ROUTES.filter(({ method, path }) => method === 'GET' && path !== '/api/live').map(({ path }) => path),
    ];
    for (const path of paths) {
      const { headers } = await ask(station, path);
      expect(headers['content-security-policy'], path).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['access-control-allow-origin']).toBeUndefined();
      if (path.startsWith('/api/')) expect(headers['cache-control'], path).toBe('no-store');
    }
    expect((await asFrom({ host: 'evil.example' })).headers['content-security-policy']).toContain("default-src 'none'");
  });
});

describe('the page', () => {
  it('is index.html for its pages only, asked for again each time', async () => {
    for (const path of ['/', '/overview', '/events', '/events?q=%3Cscript%3E']) {
      const answer = await ask(station, path);
      expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-cache',
      ]);
      expect(answer.body.toString()).toContain('<title>Varde');
    }
    expect((await ask(station, '/something')).status).toBe(404);
    const again = await ask(station, '/', { headers: { 'if-none-match': (await ask(station, '/')).headers.etag! } });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  it('keeps hashed files for ever, and sends them compressed where that is taken', async () => {
    const plain = await ask(station, '/assets/app-abc123.js');
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    const packed = await ask(station, '/assets/app-abc123.js', { headers: { 'accept-encoding': 'br, gzip;q=0.5' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.body.length).toBeLessThan(plain.body.length / 10);
    expect(gunzipSync(packed.body)).toEqual(plain.body);
    const refused = await ask(station, '/assets/app-abc123.js', { headers: { 'accept-encoding': 'gzip;q=0' } });
    expect(refused.headers['content-encoding']).toBeUndefined();
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '//secret.txt',
    '/assets/',
    '/assets',
    '/assets/app-abc123.js.map',
    '/assets/app-abc123.js%00.png',
    '/assets/__proto__',
    '/constructor',
    '/link.txt',
    'http://127.0.0.1/../secret.txt',
  ])('%s leads nowhere', async (path) => {
    const answer = await ask(station, path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.body.toString()).not.toContain('secret\n');
    expect(answer.json()).toMatchObject({ error: { code: expect.stringMatching(/^(?:not_found|bad_request)$/) } });
  });

  it('follows no symbolic link out of its folder', () => {
    symlinkSync(join(station.folder, 'secret.txt'), join(station.deps.webRoot, 'link.txt'));
    expect(loadStaticFiles(station.deps.webRoot).answer('/link.txt', new Headers())).toBeNull();
  });

  it('says so where it was not built; the API is there all the same', async () => {
    const view = createView({ ...station.deps, webRoot: join(station.folder, 'missing') });
    const local = { kind: 'socket', port: null } as const;
    const page = await view.fetch(new Request('http://localhost/'), local);
    expect([page.status, ((await page.json()) as { error: { message: string } }).error.message]).toEqual([
      404,
      'The page has not been built: npm run build.',
    ]);
    expect((await view.fetch(new Request('http://localhost/api/count'), local)).status).toBe(200);
    await view.close();
  });
});

describe('listening', () => {
  it.each([
    '0.0.0.0',
    '::',
    '192.168.1.10',
    '10.0.0.1',
    'example.org',
    '',
    '127.1',
    '0x7f.0.0.1',
    '::ffff:10.0.0.1',
    'localhost.evil.example',
  ])('refuses %j: there are no accounts', async (host) => {
    const view = createView(station.deps);
    await expect(view.listen({ host, port: 0 })).rejects.toMatchObject({
      code: 'bind_refused',
      message: expect.stringContaining('loopback'),
    });
    await view.close();
  });

  it('says how to find who has the port', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const view = createView(station.deps);
    await expect(view.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining(`ss -ltnp 'sport = :${port}'`),
    });
    await view.close();
    await new Promise((resolve) => other.close(resolve));
  });

  it('replaces a stale socket and nothing else', async () => {
    const path = join(station.folder, 'other.sock');
    const left = createServer();
    await new Promise<void>((resolve) => left.listen(path, resolve));
    chmodSync(path, 0o777);
    const view = createView(station.deps);
    await view.listenSocket(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await view.close();
    expect(existsSync(path)).toBe(false);
    left.close();
    writeFileSync(path, 'mine');
    const again = createView(station.deps);
    await expect(again.listenSocket(path)).rejects.toMatchObject({ code: 'data_folder' });
    await again.close();
    expect(existsSync(path)).toBe(true);
  });

  it('answers broken requests with 400 and goes on', async () => {
    for (const text of [
      'garbage\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET \\..\\secret.txt HTTP/1.1\r\nHost: a\r\n\r\n',
      `GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      'GET / HTTP/1.1\r\nHost: a b\r\n\r\n',
      'GET * HTTP/1.1\r\nHost: a\r\n\r\n',
    ]) {
      expect(await rawRequest(text), text.slice(0, 40)).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
    expect((await ask(station, '/api/count')).status).toBe(200);
  });
});

function rawRequest(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(station.port, '127.0.0.1');
    let answer = '';
    socket.on('data', (part) => {
      answer += part.toString();
      socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.write(text);
  });
}
