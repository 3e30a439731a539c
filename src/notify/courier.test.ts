import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { ChannelTools } from './channel.ts';
import { makeChannel } from './channels.ts';
import { Courier, send } from './courier.ts';
import { makeMessage, type Message } from './message.ts';
import { Queue } from './queue.ts';

const never = new AbortController().signal;
const item = { key: 'k', state: 'blind', title: 't', message: 'm', remedy: '', since: 1 };
const MESSAGE: Message = makeMessage('id', 'problem', [item], 'here', 1);
const answering = (response: () => Response): ChannelTools => ({ fetch: async () => response() });

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'varde-courier-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

it('takes whatever a channel throws for a failed attempt, also before its first wait', async () => {
  const throwing = {
    name: 'c',
    send: () => {
      throw new Error('at once');
    },
  };
  expect(await send(throwing, MESSAGE, never)).toBe('at once');
  const webhook = makeChannel(
    { type: 'webhook', name: 'w', url: 'http://127.0.0.1:9' },
    answering(() => new Response()),
  );
  expect(await send(webhook, { ...MESSAGE, time: Number.NaN }, never)).toMatch(/time/i);
});

it('reads no more of a refusal than it tells', async () => {
  let pulled = 0;
  const endless = (): Response =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pulled++;
          controller.enqueue(new TextEncoder().encode('no '.repeat(200)));
        },
      }),
      { status: 500 },
    );
  const webhook = makeChannel({ type: 'webhook', name: 'w', url: 'http://127.0.0.1:9' }, answering(endless));
  expect(await send(webhook, MESSAGE, never)).toMatch(/^500 no no /);
  expect(pulled).toBeLessThan(10);
});

it('does not repeat a token that cannot be one', async () => {
  const token_file = join(folder(), 'token');
  writeFileSync(token_file, 'tk_secret\u0001x\n');
  const ntfy = makeChannel({ type: 'ntfy', name: 'n', url: 'http://127.0.0.1:9', topic: 't', token_file }, { fetch });
  const error = await send(ntfy, MESSAGE, never);
  expect(error).toContain('does not hold a token');
  expect(error).not.toContain('tk_secret');
});

it('keeps messages in memory where the folder cannot be made', async () => {
  const file = join(folder(), 'in-the-way');
  writeFileSync(file, '');
  const queue = new Queue(join(file, 'queue'));
  await queue.open();
  const waiting = { channel: 'c', message: MESSAGE, attempts: 0, next: 0, error: null };
  expect(await queue.add(waiting, 1)).toMatchObject({ durable: false });
  expect(queue.first('c')).toBe(waiting);
});

it('tries on when the clock is set back by a month', async () => {
  let now = Date.UTC(2026, 11, 24);
  let tries = 0;
  const queue = new Queue(join(folder(), 'queue'));
  await queue.open();
  const channel = {
    name: 'c',
    send: () => {
      tries++;
      throw new Error('not now');
    },
  };
  const courier = new Courier(
    channel,
    queue,
    () => now,
    async () => undefined,
  );
  await queue.add({ channel: 'c', message: { ...MESSAGE, time: now }, attempts: 0, next: now, error: null }, now);
  courier.wake();
  await vi.waitFor(() => expect(queue.first('c')).toMatchObject({ attempts: 1 }));
  now -= 30 * 86_400_000;
  // As its timer does after at most five minutes.
  courier.wake();
  await vi.waitFor(() => expect(tries).toBe(2));
  await courier.stop();
});

it('keeps the order of messages over a restart and a clock that is set back', async () => {
  const place = join(folder(), 'queue');
  const waiting = (id: string) => ({
    channel: 'c',
    message: { ...MESSAGE, id },
    attempts: 0,
    next: 0,
    error: null,
  });
  const before = new Queue(place);
  await before.open();
  await before.add(waiting('problem'), Date.UTC(2026, 11, 24));
  await before.add(waiting('reminder'), Date.UTC(2026, 11, 23));
  const after = new Queue(place);
  await after.open();
  await after.add(waiting('recovery'), Date.UTC(2026, 10, 24));
  const last = new Queue(place);
  await last.open();
  expect(last.all().map(({ message }) => message.id)).toEqual(['problem', 'reminder', 'recovery']);
});
