import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Receiver } from '../../src/notify/testing/receiver.ts';
import { Daemon, varde } from '../pipeline/daemon.ts';
import { makePlace } from '../pipeline/place.ts';
import { Heart, HEART_PROBES } from './heart.ts';
import { freePort } from './icinga.ts';
import { labObstacle, LAB_PACKAGES } from './packages.ts';
import { SmtpServer } from './smtp.ts';
import { until } from './wait.ts';

const obstacle = labObstacle(LAB_PACKAGES.filter((it) => ['aiosmtpd', 'openssl'].includes(it.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

let folder: string;
let port: number;
let server: SmtpServer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varde-mail-'));
  port = await freePort();
  server = new SmtpServer(folder, port);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** `varde notify test` with one mail channel, as a user runs it. */
async function test(channel: Record<string, unknown>, trusts = true): Promise<{ code: number | null; said: string }> {
  const config = join(folder, 'varde.yaml');
  const mail = {
    type: 'mail',
    name: 'admin',
    host: '127.0.0.1',
    port,
    from: 'varde@home.test',
    to: ['a@home.test', 'b@home.test'],
    ...channel,
  };
  writeFileSync(config, JSON.stringify({ data: folder, notify: { channels: [mail] } }));
  const before = process.env['NODE_EXTRA_CA_CERTS'];
  if (trusts) process.env['NODE_EXTRA_CA_CERTS'] = join(folder, 'cert.pem');
  try {
    const { code, stdout, stderr } = await varde(['notify', 'test', '-c', config]);
    return { code, said: stdout.toString() + stderr };
  } finally {
    if (before === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
    else process.env['NODE_EXTRA_CA_CERTS'] = before;
  }
}

describe.skipIf(obstacle !== null)(title('mail through a real SMTP server'), () => {
  it.each(['none', 'starttls', 'tls'] as const)('is taken with security: %s', async (security) => {
    await server.start(security);
    expect(await test({ security })).toEqual({ code: 0, said: expect.stringMatching(/^admin: taken after \d+ ms\n$/) });
    const [mail] = server.mails();
    expect(mail).toMatchObject({
      from: 'varde@home.test',
      to: ['a@home.test', 'b@home.test'],
      tls: security !== 'none',
    });
    expect(mail!.content).toMatch(/^Subject: \[varde .*\] Test: channel admin\r?$/m);
    expect(mail!.content).toMatch(/^Auto-Submitted: auto-generated\r?$/im);
    expect(mail!.content).toMatch(/^Message-ID: <[\da-f]{24}@varde\.invalid>\r?$/m);
  });

  it('logs in with the password of a file, and says what the server says of a wrong one', async () => {
    await server.start('starttls', true);
    const password = join(folder, 'password');
    writeFileSync(password, 'pass phrase\n');
    expect((await test({ user: 'varde', password_file: password })).code).toBe(0);
    expect(server.mails()[0]!.user).toBe('varde');
    writeFileSync(password, 'wrong\n');
    const refused = await test({ user: 'varde', password_file: password });
    expect(refused.code).toBe(1);
    expect(refused.said).toContain('535');
    expect(refused.said).not.toContain('wrong');
    expect(server.mails()).toHaveLength(1);
  });

  it('goes out neither in the clear where STARTTLS is wanted, nor to a server that nobody vouches for', async () => {
    await server.start('none');
    expect((await test({ security: 'starttls' })).code).toBe(1);
    await server.stop();
    await server.start('starttls');
    const untrusted = await test({ security: 'starttls' }, false);
    expect(untrusted.code).toBe(1);
    expect(untrusted.said).toMatch(/certificate/);
    expect(server.mails()).toEqual([]);
  });

  it('says so in time when nothing listens', async () => {
    expect(await new Promise((resolve) => connect(port, '127.0.0.1').once('error', () => resolve('closed')))).toBe(
      'closed',
    );
    const { code, said } = await test({ security: 'none' });
    expect([code, said]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
  });
});

const DEADLINE_MS = 90_000;

describe.skipIf(obstacle !== null)(title('a station whose sensor goes blind'), () => {
  it('tells it by mail, webhook and ntfy, though killed between the failed attempts and the delivery; then the recovery', async () => {
    const receiver = new Receiver();
    onTestFinished(() => receiver.stop());
    receiver.answer = 503;
    const url = await receiver.start();
    const place = makePlace();
    const config = JSON.parse(readFileSync(place.config, 'utf8')) as object;
    const channels = [
      {
        type: 'mail',
        name: 'admin',
        host: '127.0.0.1',
        port,
        security: 'starttls',
        from: 'varde@home.test',
        to: ['a@home.test'],
      },
      { type: 'webhook', name: 'hook', url: `${url}/hook` },
      { type: 'ntfy', name: 'phone', url, topic: 'varde' },
    ];
    const notify = { channels, grace_secs: 0, flap_secs: 1, reminder_secs: 0 };
    writeFileSync(place.config, JSON.stringify({ ...config, probes: HEART_PROBES, notify }));
    writeFileSync(place.eve, '');
    await server.start('starttls');
    await server.stop();
    const options = { env: { ...process.env, NODE_EXTRA_CA_CERTS: server.certificate } };
    const first = await Daemon.ready(place, options);
    const heart = new Heart(place.data, place.eve);
    onTestFinished(() => heart.stop());
    const lamp = async (state: string): Promise<boolean> => (await first.status()).heartbeat?.state === state;
    await until('the sensor is alive', () => lamp('alive'), DEADLINE_MS);
    heart.blind = true;
    const blind = (): boolean => {
      const titles = receiver.received.map(({ body }) => String(body['title']));
      return titles.filter((it) => it.includes('Sensor sensor is blind')).length >= 2;
    };
    await until('webhook and ntfy were tried in vain', blind, DEADLINE_MS);
    await first.kill();

    receiver.answer = 200;
    await server.start('starttls');
    const second = await Daemon.ready(place, options);
    const of = (path: string, word: string): boolean =>
      receiver.taken.some((it) => it.path === path && String(it.body['title']).includes(word));
    await until('the webhook has it', () => of('/hook', 'is blind'), DEADLINE_MS);
    await until('ntfy has it', () => of('/', 'is blind'), DEADLINE_MS);
    await until(
      'the mail is there',
      () => server.mails().some(({ content }) => content.includes('is blind')),
      DEADLINE_MS,
    );
    expect(server.mails()[0]).toMatchObject({ tls: true, to: ['a@home.test'] });

    heart.blind = false;
    await until('the webhook has the recovery', () => of('/hook', 'Recovered'), DEADLINE_MS);
    await until('ntfy has the recovery', () => of('/', 'Recovered'), DEADLINE_MS);
    await until(
      'its mail is there',
      () => server.mails().some(({ content }) => content.includes('Recovered')),
      DEADLINE_MS,
    );
    await second.stop();
  });
});
