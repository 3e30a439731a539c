import { once } from 'node:events';
import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { socketPath } from '../base/socket-path.ts';
import { getJson, postJson, stationAnswers, streamLines } from './station-client.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'varde-client-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function station(answer: RequestListener): Promise<string> {
  const data = folder();
  const server = createServer(answer);
  server.listen(socketPath(data));
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return data;
}

/** Without the rights of root, who may open everything. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid!(65_534);
  try {
    return await work();
  } finally {
    if (root) process.seteuid!(0);
  }
}

it('takes a socket that is not there, or that nobody listens on, for no station', async () => {
  const data = folder();
  expect(await stationAnswers(data)).toBe(false);
  expect(await stationAnswers(join(data, 'deeper'))).toBe(false);
  const server = createSocket();
  server.listen(socketPath(data));
  await once(server, 'listening');
  // Closed without Node's own removal of the file, as a kill leaves it.
  renameSync(socketPath(data), join(data, 'kept'));
  server.close();
  renameSync(join(data, 'kept'), socketPath(data));
  expect(await stationAnswers(data)).toBe(false);
});

it('does not take a socket that it may not open for no station', async () => {
  const data = await station((_, response) => response.end('{}'));
  expect(await stationAnswers(data)).toBe(true);
  chmodSync(data, 0);
  onTestFinished(() => chmodSync(data, 0o700));
  await asNobody(() =>
    expect(stationAnswers(data)).rejects.toMatchObject({
      code: 'station_refused',
      message: expect.stringContaining('varde.sock'),
    }),
  );
});

it('takes an ill station for one', async () => {
  expect(await stationAnswers(await station((_, response) => response.writeHead(503).end('{}')))).toBe(true);
});

it('limits a small request as a whole: also where the head of the answer came, and its end does not', async () => {
  const data = await station((_, response) => void response.writeHead(200).write('{'));
  const late = { code: 'station_unreachable', message: expect.stringContaining('a station is there') };
  await expect(getJson(data, '/x', {}, { limitMs: 200 })).rejects.toMatchObject(late);
  await expect(postJson(data, '/x', {}, { limitMs: 200 })).rejects.toMatchObject(late);
});

it('waits for the answer to a question as long as it takes', async () => {
  const data = await station((_, response) => void setTimeout(() => response.end('{"n":1}'), 400));
  await expect(getJson(data, '/x', {}, { limitMs: 100 })).rejects.toMatchObject({ code: 'station_unreachable' });
  expect(await getJson(data, '/x', {}, { limitMs: null })).toEqual({ n: 1 });
});

it('ends at the signal, before the answer and amid it', async () => {
  let began: () => void = () => undefined;
  const data = await station(({ url }, response) => {
    if (url === '/begun') response.writeHead(200).write('line\nhalf');
    began();
  });
  for (const path of ['/silent', '/begun']) {
    const abort = new AbortController();
    const asked = new Promise<void>((resolve) => (began = resolve));
    const answer = getJson(data, path, {}, { signal: abort.signal, limitMs: null });
    await asked;
    abort.abort();
    await expect(answer).rejects.toMatchObject({ code: 'interrupted' });
  }
  const abort = new AbortController();
  const lines = streamLines(data, 'GET', '/begun', undefined, abort.signal);
  expect((await lines.next()).value?.toString()).toBe('line');
  const next = lines.next();
  abort.abort();
  await expect(next).rejects.toMatchObject({ code: 'interrupted' });
});

it('says that a stream broke off', async () => {
  const data = await station((_, response) => {
    response.writeHead(200).write('line\n');
    setTimeout(() => response.destroy(), 50);
  });
  const read = async (): Promise<void> => {
    for await (const line of streamLines(data, 'GET', '/x')) expect(line.toString()).toBe('line');
  };
  await expect(read()).rejects.toMatchObject({
    code: 'station_unreachable',
    message: expect.stringContaining('broke off'),
  });
});
