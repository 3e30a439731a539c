import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { socketPath } from '../../base/socket-path.ts';
import { fakeStatus } from '../../view/testing/fake-station.ts';
import { doctor } from '../commands/doctor.ts';

async function station(): Promise<{ config: string; data: string }> {
  const root = mkdtempSync(join(tmpdir(), 'varde-doctor-'));
  const data = mkdtempSync(join(root, 'data-'));
  const config = join(root, 'varde.yaml');
  writeFileSync(config, `data: ${data}\n`);
  chmodSync(root, 0o755);
  const sensors = { now: 1, sensors: [], notify: null, tzsp: null, tzsp_problems: [], demo: null };
  const status = { ...fakeStatus(), config_restart: ['web.port'], page: 'http://127.0.0.1:8765/' };
  const server = createServer(({ url = '' }, response) => {
    const answer = url === '/healthz' ? { ok: true } : url.startsWith('/api/status') ? status : sensors;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => server.listen(socketPath(data), done));
  onTestFinished(async () => {
    await new Promise((done) => server.close(done));
    rmSync(root, { recursive: true, force: true });
  });
  return { config, data };
}

interface Said {
  station: { running: boolean | null; page: string | null };
  problems: { code: string; message: string }[];
}

async function ask(config: string): Promise<Said> {
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    expect(await doctor({ config, json: true })).toBe(1);
    return JSON.parse(String(said.mock.calls.at(-1)?.[0])) as Said;
  } finally {
    said.mockRestore();
  }
}

it('tells the address of the page, and what waits for a restart', async () => {
  const { config } = await station();
  const { station: told, problems } = await ask(config);
  expect(told).toMatchObject({ running: true, page: 'http://127.0.0.1:8765/' });
  expect(problems).toContainEqual(
    expect.objectContaining({ code: 'config_restart', message: expect.stringContaining('web.port') }),
  );
});

it('does not say that no station runs where it may not ask', async () => {
  const { config, data } = await station();
  chmodSync(data, 0);
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid!(65_534);
  let told: Said;
  try {
    told = await ask(config);
  } finally {
    if (root) process.seteuid!(0);
    chmodSync(data, 0o700);
  }
  expect(told.station).toMatchObject({ running: null, page: null });
  const codes = told.problems.map(({ code }) => code);
  expect(codes).toContain('station_refused');
  expect(codes).not.toContain('station_down');
});
