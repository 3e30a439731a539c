import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRefused, KILL_FILES, lineOf } from './kill-child.ts';
import { collect, openTestStore, rowsOf, testFolder, type TestFolder } from './test-store.ts';
import type { DuckdbStore } from './writer.ts';

const KILLS = Number(process.env['VARDE_STORE_KILLS'] ?? 32);
// Inside the project, so that the native packages are found.
const BUILT = join(process.cwd(), 'node_modules', '.cache', `varde-store-kill-${process.pid}`);

let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
  await mkdir(BUILT, { recursive: true });
  const entry = `import { commitForever } from ${JSON.stringify(join(import.meta.dirname, 'kill-child.ts'))};
    await commitForever({ data: process.argv[2], fresh: process.argv[3] });`;
  await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'kill-entry' ? id : null),
        load: (id) => (id === 'kill-entry' ? entry : null),
      },
    ],
    build: {
      ssr: true,
      outDir: BUILT,
      target: 'node20',
      rollupOptions: { input: { child: 'kill-entry' }, output: { entryFileNames: '[name].mjs' } },
    },
    ssr: { noExternal: true, external: ['@duckdb/node-api', 'koffi'] },
  });
}, 60_000);
afterAll(async () => {
  await folder.remove();
  await rm(BUILT, { recursive: true, force: true });
});

/** Runs the child until `ms` after it said the word, then kills it. */
function killAfter(word: 'open' | 'ready', ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(BUILT, 'child.mjs'), folder.data, folder.fresh], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      const before = said.includes(word);
      said += data.toString();
      if (!before && said.includes(word)) setTimeout(() => child.kill('SIGKILL'), ms);
    });
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`the child ended by itself (${code}): ${errors}`));
    });
  });
}

/** The ledger: every line below the committed count is there once, as an event or in the quarantine; none above it. */
async function agree(store: DuckdbStore): Promise<number> {
  const rows = await rowsOf(store);
  const quarantined = await collect(store.questionContext().catalogue.quarantined());
  let total = 0;
  for (const [k, id] of KILL_FILES.entries()) {
    const record = store.records().get(id);
    const expected: string[] = [];
    const refused: string[] = [];
    let position = 0;
    for (let i = 0; i < (record?.lines_read ?? 0); i++) {
      const line = lineOf(k, i);
      (isRefused(i) ? refused : expected).push(`${position} ${line}`);
      position += line.length + 1;
    }
    const found = rows.filter((r) => r.file_id === id).map((r) => `${r.file_offset} ${r.line}`);
    const kept = quarantined.filter((q) => q.file_id === id).toSorted((a, b) => a.offset - b.offset);
    // Compared as text: a difference of a million entries would take minutes to print.
    expect(found.length).toBe(expected.length);
    expect(found.join('\n') === expected.join('\n')).toBe(true);
    expect(kept.map((q) => `${q.offset} ${q.line?.toString()}`)).toEqual(refused);
    if (record !== undefined) {
      expect(record).toMatchObject({ position, events_stored: expected.length, lines_quarantined: refused.length });
    }
    total += expected.length;
  }
  expect(store.status()).toMatchObject({ events: rows.length, quarantined: quarantined.length, set_aside: [] });
  return total;
}

test(`killed ${KILLS} times at random points, rows and records agree each time`, async () => {
  let before = 0;
  let seen = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const first = kill % 4 === 0;
    await killAfter(first ? 'open' : 'ready', Math.floor(Math.random() * (first ? 900 : 600)));
    // Power lost as well: what was in memory is gone, and positions must have fallen back with it.
    const powerLost = kill % 3 === 2;
    if (powerLost) for (const name of await readdir(folder.fresh)) await rm(join(folder.fresh, name));
    // A look without touching anything leaves the crash as it is for the next owner.
    const store = await openTestStore(folder, { read_only: kill % 4 !== 3 });
    const total = await agree(store);
    await store.close();
    if (!powerLost) expect(total).toBeGreaterThanOrEqual(before);
    before = total;
    seen = Math.max(seen, total);
    // Now and then from nothing: the ledger would take longer and longer.
    if (kill % 8 === 7) {
      await folder.remove();
      folder = await testFolder();
      before = 0;
    }
  }
  expect(seen).toBeGreaterThan(0);
}, 300_000);
