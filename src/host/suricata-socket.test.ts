import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { lookAtSuricata } from './suricata-socket.ts';

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'varde-command-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

/** Something that listens where Suricata should; test/lab has the real one. */
async function listening(behave: (socket: Socket) => void): Promise<string> {
  const path = join(folder(), 'command.socket');
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    behave(socket);
  });
  await new Promise<void>((done) => server.listen(path, done));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return path;
}

async function timed(path: string, limitMs: number): Promise<{ state: string; problem: string | null; ms: number }> {
  const begin = performance.now();
  const { state, problem } = await lookAtSuricata(path, limitMs);
  return { state, problem, ms: performance.now() - begin };
}

it('is told to be left out, absent, refused or no socket at all', async () => {
  expect(await lookAtSuricata(null)).toMatchObject({ state: 'not_configured', problem: null });
  expect(await timed(join(folder(), 'none'), 500)).toMatchObject({ state: 'absent', problem: 'ENOENT' });
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  expect(await timed(file, 500)).toMatchObject({ state: 'refused' });
});

it.each<[string, (socket: Socket) => void]>([
  ['says nothing', () => undefined],
  ['closes at once', (socket) => socket.end()],
  ['answers garbage', (socket) => socket.write('\u0000\u00ff<html>\n')],
  ['answers something else', (socket) => socket.write('{"return":"MAYBE"}\n')],
  ['answers half', (socket) => socket.write('{"return":')],
  ['answers twice', (socket) => socket.write('{"return":"OK"}\n{"return":"OK"}\n{"return":"OK"}\n')],
  ['refuses the protocol', (socket) => socket.write('{"return":"NOK","message":"unsupported version"}\n')],
  ['agrees and then says nothing', (socket) => socket.once('data', () => socket.write('{"return":"OK"}\n'))],
  [
    'drips',
    (socket) => {
      const timer = setInterval(() => socket.write(' '), 10);
      socket.on('close', () => clearInterval(timer));
    },
  ],
  [
    'floods',
    (socket) => {
      const flood = Buffer.alloc(1 << 20, 120);
      const pour = (): void =>
        void (socket.destroyed || (socket.write(flood) ? setImmediate(pour) : socket.once('drain', pour)));
      pour();
    },
  ],
])('ends in time when the other side %s', async (_, behave) => {
  const { state, problem, ms } = await timed(await listening(behave), 300);
  expect(state).toBe('silent');
  expect(problem).not.toBeNull();
  // The limit, and what a busy machine adds.
  expect(ms).toBeLessThan(5000);
});

it('takes answers as they are: odd ones are null', async () => {
  const answers: Record<string, unknown> = {
    version: { a: 1 },
    uptime: -5,
    'iface-list': { count: 2, ifaces: ['a', 7, 'b'] },
    'iface-stat': { pkts: 10, drop: 'x', 'invalid-checksums': 2 },
    'ruleset-stats': [null, { id: 0, rules_loaded: 5, rules_failed: 1 }],
    'ruleset-reload-time': [{ last_reload: 'yesterday' }],
  };
  const path = await listening((socket) =>
    socket.on('data', (data) => {
      const { command } = JSON.parse(data.toString()) as { command?: string };
      const known = command === undefined || command in answers;
      socket.write(`${JSON.stringify({ return: known ? 'OK' : 'NOK', message: answers[command ?? ''] ?? '' })}\n`);
    }),
  );
  expect(await lookAtSuricata(path, 2000, () => 7)).toEqual({
    state: 'answers',
    problem: null,
    version: null,
    uptime_secs: null,
    rules: { loaded: 5, failed: 1, skipped: null },
    last_reload: null,
    capture: { packets: 20, drops: 0, invalid_checksums: 4 },
    counters: null,
    asked: 7,
  });
});
