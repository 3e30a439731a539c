import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HeartbeatState } from '../detect/heartbeat/report.ts';
import type { ChannelConfig } from './channel.ts';
import type { Condition, NotifySettings } from './condition.ts';
import { Notifier } from './notifier.ts';
import { Receiver, waitFor } from './testing/receiver.ts';

const SETTINGS: NotifySettings = { reminder_secs: 0, flap_secs: 0, grace_secs: 0 };

let folder: string;
let receiver: Receiver;
let url: string;
const running: Notifier[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varde-notify-'));
  receiver = new Receiver();
  url = await receiver.start();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((notifier) => notifier.stop()));
  receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

const hook = (): ChannelConfig => ({
  type: 'webhook',
  name: 'hook',
  url: `${url}/hook`,
  headers: { authorization: 'Bearer s3' },
});
const condition = (state: HeartbeatState): Condition => ({
  key: 'sensor/lan/icmp',
  state,
  title: 'sensor lan icmp',
  message: 'No alert since \u001B[2Jnoon.',
  remedy: 'See varde doctor.',
  time: Date.UTC(2026, 10, 24, 12),
});

async function notifier(channels: ChannelConfig[], now?: () => number, events?: string[]): Promise<Notifier> {
  const made = new Notifier({ folder, channels, settings: SETTINGS, now, log: (event) => events?.push(event) });
  running.push(made);
  await made.start();
  return made;
}

/** Where nothing listens any more. */
async function closedPort(): Promise<string> {
  const closed = new Receiver();
  const address = await closed.start();
  closed.stop();
  return address;
}

describe('notifier', () => {
  it('posts a problem and its recovery to a webhook, in the documented shape', async () => {
    const events: string[] = [];
    const it = await notifier([hook()], undefined, events);
    it.observe([condition('blind')]);
    await waitFor('the problem is there', () => receiver.taken.length === 1);
    it.observe([condition('alive')]);
    await waitFor('the recovery is there', () => receiver.taken.length === 2);
    const [problem, recovery] = receiver.taken;
    expect(problem!.path).toBe('/hook');
    expect(problem!.headers['authorization']).toBe('Bearer s3');
    expect(problem!.headers['x-varde-id']).toBe(problem!.body['id']);
    expect(problem!.body).toMatchObject({
      version: 1,
      kind: 'problem',
      items: [
        { key: 'sensor/lan/icmp', state: 'blind', since: '2026-11-24T12:00:00.000Z', remedy: 'See varde doctor.' },
      ],
    });
    expect(String(problem!.body['title'])).toMatch(/^\[varde .+\] Problem: sensor lan icmp$/);
    expect(JSON.stringify(problem!.body)).not.toContain('\\u001b');
    expect(recovery!.body['kind']).toBe('recovery');
    await waitFor('it is logged', () => events.length === 2);
    expect(events).toEqual(['notification_sent', 'notification_sent']);
    expect(it.status()).toMatchObject({ channels: ['hook'], pending: 0, last: { channel: 'hook', ok: true } });
  });

  it('publishes to ntfy as its server wants it', async () => {
    writeFileSync(join(folder, 'token'), 'tk_secret\n');
    const it = await notifier([
      { type: 'ntfy', name: 'phone', url, topic: 'varde', token_file: join(folder, 'token') },
    ]);
    it.observe([condition('blind')]);
    await waitFor('it is there', () => receiver.taken.length === 1);
    expect(receiver.taken[0]).toMatchObject({
      path: '/',
      headers: { authorization: 'Bearer tk_secret', 'content-type': 'application/json' },
      body: { topic: 'varde', priority: 5, tags: ['rotating_light'] },
    });
    expect(receiver.taken[0]!.body['message']).toContain('→ See varde doctor.');
  });

  it('tries again with the same id until it is taken, in order, also after a restart', async () => {
    let now = Date.now();
    const clock = (): number => now;
    receiver.answer = 503;
    const first = await notifier([hook()], clock);
    first.observe([condition('blind')]);
    await waitFor('it was tried', () => first.status().last?.ok === false);
    first.observe([condition('alive')]);
    await waitFor('two wait', () => first.status().pending === 2);
    await first.stop();
    expect(readdirSync(join(folder, 'queue'))).toHaveLength(2);
    receiver.answer = 200;
    now += 10_000;
    const second = await notifier([hook()], clock);
    await waitFor('both are taken', () => receiver.taken.length === 2);
    expect(receiver.taken.map((it) => it.body['kind'])).toEqual(['problem', 'recovery']);
    expect(receiver.taken[0]!.body['id']).toBe(receiver.received[0]!.body['id']);
    // The files go behind the status.
    await waitFor('the queue is empty', () => readdirSync(join(folder, 'queue')).length === 0);
    expect(second.status().pending).toBe(0);
    // What was told before the restart is not told again.
    second.observe([condition('alive')]);
    await second.stop();
    expect(receiver.taken).toHaveLength(2);
  });

  it('follows no redirect', async () => {
    receiver.answer = 302;
    const it = await notifier([hook()]);
    it.observe([condition('blind')]);
    await waitFor('it failed', () => it.status().last?.ok === false);
    expect(it.status().last!.message).toMatch(/^302/);
  });

  it('lets a dead channel not hold up another', async () => {
    const it = await notifier([{ type: 'webhook', name: 'dead', url: await closedPort() }, hook()]);
    it.observe([condition('blind')]);
    await waitFor('the living one has it', () => receiver.taken.length === 1);
    // The file is written behind the status.
    const log = join(folder, 'deliveries.ndjson');
    await waitFor(
      'the dead one failed',
      () => existsSync(log) && readFileSync(log, 'utf8').includes('"message":"ECONNREFUSED"'),
    );
    await waitFor('the living one is off the queue', () => it.status().pending === 1);
  });

  it('stops at once though a receiver never answers, and keeps the message', async () => {
    receiver.answer = 0;
    const it = await notifier([hook()]);
    it.observe([condition('blind')]);
    await waitFor('it is asked', () => receiver.received.length === 1);
    const began = performance.now();
    await it.stop();
    expect(performance.now() - began).toBeLessThan(5000);
    expect(readdirSync(join(folder, 'queue'))).toHaveLength(1);
  });

  it('gives up what nobody takes for days, and what belongs to a channel that is gone', async () => {
    const events: string[] = [];
    let now = Date.now();
    receiver.answer = 500;
    const first = await notifier([hook()], () => now, events);
    first.observe([condition('blind')]);
    await waitFor('it failed', () => events.includes('notification_failed'));
    await first.stop();
    now += 4 * 86_400_000;
    const second = await notifier([hook()], () => now, events);
    await waitFor('it is given up', () => events.includes('notification_dropped'));
    expect(second.status().pending).toBe(0);
    second.observe([condition('alive')]);
    await waitFor('the recovery waits', () => second.status().pending === 1);
    await second.stop();
    const third = await notifier([{ ...hook(), name: 'other' }], () => now, events);
    expect(third.status().pending).toBe(0);
  });

  it('needs no disk to tell that the disk is full', async () => {
    const it = await notifier([hook()]);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'no folder any more');
    it.observe([condition('blind')]);
    await waitFor('it is there', () => receiver.taken.length === 1);
    await it.stop();
    running.length = 0;
  });

  it('tests one channel or all, past the queue', async () => {
    const it = await notifier([hook(), { type: 'webhook', name: 'dead', url: await closedPort() }]);
    expect(await it.test()).toMatchObject([
      { channel: 'hook', ok: true, message: '' },
      { channel: 'dead', ok: false, message: 'ECONNREFUSED' },
    ]);
    expect(await it.test('hook')).toHaveLength(1);
    expect(receiver.taken.map(({ body }) => body['kind'])).toEqual(['test', 'test']);
  });

  it('does nothing without a channel', async () => {
    const it = await notifier([]);
    it.observe([condition('blind')]);
    expect(it.status()).toEqual({ channels: [], pending: 0, last: null });
    expect(readdirSync(folder)).toEqual([]);
  });
});
