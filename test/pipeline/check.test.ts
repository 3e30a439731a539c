import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sensors, station } from '../../src/check/testing/reports.ts';
import { runProgram } from '../lab/program.ts';
import { type Ended, Running, varde } from './daemon.ts';

/** A process may take its time on a busy machine; a check that hangs would take the limit of the test. */
const ROOM_MS = 5000;

let folder: string;
let socket: string;
let server: Server | null = null;
const open = new Set<Socket>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varde-plugin-'));
  socket = join(folder, 'varde.sock');
});
afterEach(async () => {
  for (const it of open) it.destroy();
  if (server !== null) await new Promise((resolve) => server!.close(resolve));
  server = null;
  rmSync(folder, { recursive: true, force: true });
});

/** Something listens on the station's socket. */
async function listen(answer: (socket: Socket, request: string) => void): Promise<void> {
  server = createServer((it) => {
    open.add(it);
    it.on('error', () => undefined);
    it.on('close', () => open.delete(it));
    it.once('data', (request: Buffer) => answer(it, request.toString()));
  });
  await new Promise<void>((resolve) => server!.listen(socket, resolve));
}

const http = (body: string, head = 'HTTP/1.1 200 OK'): string =>
  `${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

async function checked(...words: string[]): Promise<Ended & { took: number }> {
  const began = performance.now();
  const ended = await varde(['check', ...words, '--socket', socket]);
  return { ...ended, took: performance.now() - began };
}

/** Exit code, the state's word and the rest of the line, which is one. */
function read({ code, stdout, stderr }: Ended): { code: number | null; word: string; text: string } {
  expect(stderr).toBe('');
  const [first = '', ...more] = stdout.toString().split('\n');
  expect(more).toEqual(['']);
  const [, word = '', text = ''] = /^[A-Z]+ (OK|WARNING|CRITICAL|UNKNOWN) - (.*)$/.exec(first) ?? [];
  return { code, word, text };
}

describe('varde check', () => {
  it('says CRITICAL for the heartbeat and UNKNOWN for the others while no station runs', async () => {
    for (const name of ['heartbeat', 'all'])
      expect(read(await checked(name))).toMatchObject({ code: 2, word: 'CRITICAL' });
    for (const name of ['source', 'store', 'capture', 'quarantine'])
      expect(read(await checked(name))).toMatchObject({
        code: 3,
        word: 'UNKNOWN',
        text: `no station answers on ${socket}`,
      });
  });

  it('says the same when a killed station has left its socket behind', async () => {
    await listen(() => undefined);
    renameSync(socket, `${socket}.kept`);
    await new Promise((resolve) => server!.close(resolve));
    server = null;
    renameSync(`${socket}.kept`, socket);
    expect(existsSync(socket)).toBe(true);
    expect(read(await checked('heartbeat'))).toMatchObject({ code: 2, word: 'CRITICAL' });
    expect(read(await checked('store'))).toMatchObject({ code: 3, word: 'UNKNOWN' });
  });

  it('is OK with what a living station answers', async () => {
    await listen((it, request) =>
      it.end(http(JSON.stringify(request.startsWith('GET /api/status ') ? station() : sensors()))),
    );
    expect(read(await checked('all'))).toMatchObject({ code: 0, word: 'OK' });
    expect(read(await checked('heartbeat', '-w', '5'))).toMatchObject({ code: 1, word: 'WARNING' });
  });

  const HOSTILE: [string, (socket: Socket) => void][] = [
    ['never answers', () => undefined],
    ['answers one byte a while', (it) => void setInterval(() => it.write('H'), 50).unref()],
    ['answers a head and never a body', (it) => void it.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{')],
    [
      'drips a body',
      (it) => (
        it.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'),
        void setInterval(() => it.write(' '), 20).unref()
      ),
    ],
    ['answers garbage', (it) => void it.end(Buffer.from([0, 1, 2, 255, 254, 13, 10, 13, 10]))],
    [
      'answers garbage without end',
      (it) => {
        const more = (): void => {
          while (!it.destroyed && it.write(Buffer.alloc(65_536, 120)));
        };
        it.on('drain', more);
        more();
      },
    ],
    [
      'answers a body without end',
      (it) => {
        it.write('HTTP/1.1 200 OK\r\n\r\n');
        const more = (): void => {
          while (!it.destroyed && it.write(Buffer.alloc(65_536, 32)));
        };
        it.on('drain', more);
        more();
      },
    ],
    ['hangs up at once', (it) => void it.destroy()],
    ['ends in the middle', (it) => void it.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"now":1')],
    [
      'answers an error',
      (it) => void it.end(http('{"error":{"message":"busy \\u001b[2J | x=1"}}', 'HTTP/1.1 503 Service Unavailable')),
    ],
    ['answers JSON of another kind', (it) => void it.end(http('[1,2,3]'))],
    ['answers null', (it) => void it.end(http('null'))],
    [
      'answers a report without its parts',
      (it) => void it.end(http('{"now":1,"sensors":[{"name":"x","chains":[{}]}]}')),
    ],
    [
      'answers a report of hostile kinds',
      (it) => void it.end(http('{"now":"x","sensors":{"length":1e9},"__proto__":{"state":"alive"}}')),
    ],
  ];

  it.each(HOSTILE)('ends in time with UNKNOWN when the other side %s', async (_, answer) => {
    await listen(answer);
    for (const name of ['heartbeat', 'store', 'all']) {
      const ended = await checked(name, '-t', '1');
      expect(read(ended)).toMatchObject({ code: 3, word: 'UNKNOWN' });
      expect(ended.took).toBeLessThan(1000 + ROOM_MS);
      expect(ended.stdout.toString()).not.toContain('\u001B');
    }
  });

  it.skipIf(process.getuid?.() !== 0)(
    'says UNKNOWN, and what to do, to a user who may not open the socket',
    async () => {
      await listen(() => undefined);
      chmodSync(folder, 0o755);
      chmodSync(socket, 0o600);
      const running = new Running(['check', 'heartbeat', '--socket', socket], { uid: 65_534, gid: 65_534 });
      const { code, text } = read(await running.ended);
      expect(code).toBe(3);
      expect(text).toContain('-H 127.0.0.1');
    },
  );

  it('ends in time where its reader takes nothing', async () => {
    const fifo = join(folder, 'full');
    runProgram(['mkfifo', fifo]);
    const out = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    expect(() => {
      for (;;) writeSync(out, Buffer.alloc(4096));
    }).toThrow('EAGAIN');
    const began = performance.now();
    const { child, ended } = new Running(['check', 'heartbeat', '-t', '2', '--socket', socket], {
      // Node makes the first three descriptors of a child wait; one behind them keeps its mode.
      prefix: ['sh', '-c', 'exec "$@" >&3', 'sh'],
      stdio: ['ignore', 'ignore', 'pipe', out],
    });
    const hung = setTimeout(() => child.kill('SIGKILL'), 20_000);
    // The exit code says what nobody reads.
    expect(await ended).toMatchObject({ code: 2, signal: null });
    clearTimeout(hung);
    closeSync(out);
    expect(performance.now() - began).toBeLessThan(2000 + ROOM_MS);
  });

  it('reads no FIFO and no folder as a log, and hangs on neither', async () => {
    const fifo = join(folder, 'fifo');
    runProgram(['mkfifo', fifo]);
    for (const log of [fifo, folder, join(folder, 'absent')])
      expect(
        read(await varde(['check', 'heartbeat', '--fast-log', log, '-t', '2', '--state', join(folder, 'state')])),
      ).toMatchObject({ code: 3, word: 'UNKNOWN' });
  });

  it('tells the age of the heartbeat from fast.log, over a rotation', async () => {
    const log = join(folder, 'fast.log');
    const check = (...words: string[]): Promise<Ended> =>
      varde(['check', 'heartbeat', '--fast-log', log, '--utc', '--state', join(folder, 'state'), ...words]);
    const line = (ms: number): string => {
      const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:.]+)Z$/.exec(new Date(ms).toISOString())!;
      return `${month}/${day}/${year}-${time}000  [**] [1:5100000:1] Heartbeat [**] [Classification: Misc activity] [Priority: 3] {ICMP} 192.0.2.1:8 -> 192.0.2.2:0\n`;
    };
    writeFileSync(log, line(Date.now() - 400_000));
    expect(read(await check())).toMatchObject({ code: 2 });
    writeFileSync(log, line(Date.now() - 20_000), { flag: 'a' });
    expect(read(await check())).toMatchObject({ code: 0 });
    writeFileSync(log, line(Date.now() - 10_000), { flag: 'a' });
    renameSync(log, `${log}.1`);
    const { code, text } = read(await check());
    expect(code).toBe(0);
    expect(text).toMatch(/^last heartbeat 1\d s ago in .*; .* itself is missing \| age=1[\d.]+s;150;300;0$/);
    expect(read(await check('-w', '5', '-c', '900'))).toMatchObject({ code: 1 });
  });

  it('gives help, version and usage as the guidelines want', async () => {
    const help = await varde(['check', '--help']);
    expect([help.code, help.stdout.toString().split('\n')[0]]).toEqual([3, 'Usage: varde check NAME [options]']);
    const version = await varde(['check', '-V']);
    expect([version.code, version.stdout.toString()]).toEqual([
      3,
      expect.stringMatching(/^varde check \d+\.\d+\.\d+\n$/),
    ]);
    expect(read(await varde(['check', 'nothing']))).toMatchObject({ code: 3 });
  });
});
