import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { socketPath } from '../../base/socket-path.ts';
import { fakeStatus } from '../../view/testing/fake-station.ts';
import { doctor } from '../commands/doctor.ts';

it('says that a station from before an update must be restarted, and goes on', async () => {
  const data = mkdtempSync(join(tmpdir(), 'varde-doctor-'));
  const config = join(data, 'varde.yaml');
  writeFileSync(config, `data: ${data}\n`);
  const server = createServer(({ url = '' }, response) => {
    const known = url === '/healthz' ? { ok: true } : url.startsWith('/api/status') ? fakeStatus() : null;
    const missing = { error: { code: 'not_found', message: 'There is no such page.', remedy: '' } };
    response.writeHead(known === null ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ?? missing));
  });
  await new Promise<void>((done) => server.listen(socketPath(data), done));
  onTestFinished(async () => {
    await new Promise((done) => server.close(done));
    rmSync(data, { recursive: true, force: true });
  });
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => said.mockRestore());
  const code = await doctor({ config, json: true });
  const diagnosis = JSON.parse(String(said.mock.calls.at(-1)?.[0])) as { problems: { code: string }[]; sensors: null };
  expect(code).toBe(1);
  expect(diagnosis.sensors).toBeNull();
  expect(diagnosis.problems.map((problem) => problem.code)).toContain('station_old');
});
