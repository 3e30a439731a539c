import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { socketPath } from '../base/socket-path.ts';
import { importThroughStation } from './station-import.ts';

let folder: string;
let server: Server;
/** The paths that the station was asked for. */
let asked: string[][];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varde-import-'));
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      asked.push((JSON.parse(body) as { paths: string[] }).paths);
      response.end('{"result":{"files":1}}\n');
    });
  });
  mkdirSync(dirname(socketPath(folder)), { recursive: true });
  await once(server.listen(socketPath(folder)), 'listening');
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function ask(...files: string[]) {
  const { signal } = new AbortController();
  return importThroughStation(folder, { files, parser: 'suricata-eve', signal, progress: () => undefined });
}

it('names a file by a path that leads another process to it', async () => {
  const path = join(folder, 'eve.json');
  writeFileSync(path, 'x\n');
  const fd = openSync(path, 'r');
  try {
    expect(await ask(path, `/dev/fd/${fd}`, `/proc/self/fd/${fd}`, join(folder, 'absent'), folder)).toEqual({
      files: 1,
    });
    expect(asked).toEqual([[path, path, path, join(folder, 'absent'), folder]]);
    unlinkSync(path);
    await expect(ask(`/dev/fd/${fd}`)).rejects.toMatchObject({ code: 'usage' });
  } finally {
    closeSync(fd);
  }
});

it('refuses what only this process has open, rather than let the station open its own descriptor of that number', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const fd = openSync(pipe, 'r+');
  try {
    for (const file of ['-', pipe, `/dev/fd/${fd}`, `/proc/self/fd/${fd}`, '/dev/fd/9999', '/dev/null'])
      await expect(ask(file)).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringContaining('cannot be handed'),
      });
  } finally {
    closeSync(fd);
  }
  expect(asked).toEqual([]);
});
