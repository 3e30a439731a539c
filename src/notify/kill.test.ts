import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Receiver, waitFor } from './testing/receiver.ts';

const BUILT = mkdtempSync(join(tmpdir(), 'varde-notify-kill-'));

/** A process with a notifier and one thing in the state that it is given. */
const CHILD = `
import { Notifier } from ${JSON.stringify(join(import.meta.dirname, 'notifier.ts'))};
const [, , folder, url, state] = process.argv;
const channels = [{ type: 'webhook', name: 'hook', url }];
const notifier = new Notifier({ folder, channels, settings: { reminder_secs: 0, flap_secs: 0, grace_secs: 0 } });
await notifier.start();
const look = () => notifier.observe([{ key: 'a', state, title: 'a', message: state, remedy: '', time: Date.now() }]);
look();
setInterval(look, 50);
`;

let folder: string;
let receiver: Receiver;
let url: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      { name: 'entry', resolveId: (id) => (id === 'entry' ? id : null), load: (id) => (id === 'entry' ? CHILD : null) },
    ],
    build: {
      ssr: true,
      outDir: BUILT,
      target: 'node20',
      rollupOptions: { input: { child: 'entry' }, output: { entryFileNames: '[name].mjs' } },
    },
    ssr: { noExternal: true },
  });
}, 60_000);
afterAll(() => rmSync(BUILT, { recursive: true, force: true }));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varde-notify-'));
  receiver = new Receiver();
  url = await receiver.start();
});
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(state: 'blind' | 'alive'): ChildProcess {
  const child = spawn(process.execPath, [join(BUILT, 'child.mjs'), folder, url, state], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

test('a message survives kill -9 between a failed attempt and its delivery, and its recovery comes after it', async () => {
  receiver.answer = 503;
  const first = start('blind');
  await waitFor('it was tried', () => receiver.received.length === 1);
  await waitFor('what was told is written', () => readdirSync(folder).includes('told.json'));
  await kill(first);
  receiver.answer = 200;
  start('alive');
  await waitFor('problem and recovery are taken', () => receiver.taken.length >= 2);
  expect(receiver.taken.map(({ body }) => body['kind'])).toEqual(['problem', 'recovery']);
  expect(receiver.taken[0]!.body['id']).toBe(receiver.received[0]!.body['id']);
});

test('killed at any moment, a problem is told at least once and leaves an empty queue', async () => {
  mkdirSync(join(folder, 'queue'), { recursive: true });
  for (const ms of [0, 3, 10, 30]) {
    const child = start('blind');
    await waitFor('it lives', () => readdirSync(folder).length > 1 || readdirSync(join(folder, 'queue')).length > 0);
    await new Promise((resolve) => setTimeout(resolve, ms));
    await kill(child);
  }
  start('blind');
  await waitFor('it is told', () => receiver.taken.length > 0);
  await waitFor('nothing waits', () => readdirSync(join(folder, 'queue')).length === 0);
  expect(new Set(receiver.taken.map(({ body }) => body['kind']))).toEqual(new Set(['problem']));
});
