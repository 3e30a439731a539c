import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seeded } from '../lab/pcap/random.ts';
import { until } from '../lab/wait.ts';
import { Daemon, DEADLINE_MS, Running, varde } from './daemon.ts';
import { Ledger, NOTHING_DIFFERS } from './ledger.ts';
import { missing, needs } from './obstacles.ts';
import { makePlace, type Place } from './place.ts';

interface Result {
  lines_read: number;
  events_stored: number;
  lines_quarantined: number;
  already_there: number;
}

async function importJson(place: Place, files: string[], input?: Buffer): Promise<Result> {
  const ended = await varde(['import', '--json', '-c', place.config, ...files], input);
  expect(ended.code, ended.stderr).toBe(0);
  const { lines_read, events_stored, lines_quarantined, already_there } = JSON.parse(
    ended.stdout.toString().trim().split('\n').pop()!,
  ) as Result;
  return { lines_read, events_stored, lines_quarantined, already_there };
}

function result(ledger: Ledger): Result {
  const { lines, garbageLines } = ledger;
  return { lines_read: lines, events_stored: lines - garbageLines, lines_quarantined: garbageLines, already_there: 0 };
}

it('imports plain files, and finds them already there the second time, also packed or renamed', async () => {
  const place = makePlace();
  const ledger = new Ledger(seeded('plain'));
  const bytes = ledger.some(5000);
  const file = join(place.root, 'old.json');
  writeFileSync(file, bytes);
  expect(await importJson(place, [file])).toEqual(result(ledger));
  const again = { lines_read: ledger.lines, events_stored: 0, lines_quarantined: 0, already_there: ledger.lines };
  expect(await importJson(place, [file])).toEqual(again);
  const packed = join(place.root, 'other-name.json.gz');
  writeFileSync(packed, gzipSync(bytes));
  expect(await importJson(place, [packed])).toEqual(again);
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});

it('imports gzip, zstd and standard input, each once', async ({ skip }) => {
  needs(skip, missing('zstd'));
  const place = makePlace();
  const ledger = new Ledger(seeded('packed'));
  const gz = join(place.root, 'a.json.gz');
  const zst = join(place.root, 'b.json.zst');
  writeFileSync(gz, gzipSync(ledger.some(3000)));
  writeFileSync(zst, spawnSync('zstd', ['-c', '-'], { input: ledger.some(3000), maxBuffer: 1 << 28 }).stdout);
  const piped = ledger.some(3000);
  const files = await importJson(place, [gz, zst]);
  const input = await importJson(place, ['-'], piped);
  expect(files.events_stored + input.events_stored).toBe(ledger.lines - ledger.garbageLines);
  expect(files.lines_quarantined + input.lines_quarantined).toBe(ledger.garbageLines);
  expect((await importJson(place, [gz, zst])).already_there).toBe(files.lines_read);
  expect((await importJson(place, ['-'], piped)).already_there).toBe(input.lines_read);
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});

it('goes on where Ctrl-C or kill -9 stopped it, without doubles', async () => {
  const place = makePlace();
  const random = seeded('interrupted');
  const ledger = new Ledger(random.fork('ledger'));
  const file = join(place.root, 'big.json');
  for (let i = 0; i < 60; i++) appendFileSync(file, ledger.some(2000));
  for (const signal of ['SIGINT', 'SIGKILL', 'SIGINT', 'SIGKILL', 'SIGINT'] as const) {
    const running = new Running(['import', '--json', '-c', place.config, file]);
    await pause(random.integer(300, 1500));
    const ended = await running.signal(signal);
    if (signal === 'SIGINT' && ended.signal === null) expect([0, 1], ended.stderr).toContain(ended.code);
    // Told as one object, too; a second one would be no JSON.
    if (signal === 'SIGINT' && ended.code === 1)
      expect(JSON.parse(ended.stdout.toString())).toMatchObject({ interrupted: true, error: { code: 'interrupted' } });
  }
  const last = await importJson(place, [file]);
  expect(last.lines_read).toBe(ledger.lines);
  expect(last.events_stored + last.lines_quarantined + last.already_there).toBe(ledger.lines);
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});

it('imports through a running station, and that one follows the same file without doubles', async () => {
  const place = makePlace();
  const ledger = new Ledger(seeded('through'));
  const file = join(place.root, 'old.json');
  writeFileSync(file, ledger.some(5000));
  const daemon = await Daemon.ready(place);
  expect(await importJson(place, [file])).toEqual(result(ledger));
  // The same content turns up among the followed files: it is known.
  writeFileSync(join(place.logs, 'eve.json.7'), readFileSync(file));
  const more = new Ledger(seeded('more'));
  appendFileSync(place.eve, more.event());
  await until(
    'the newer line is stored',
    async () => (await daemon.status()).store.events > ledger.lines - ledger.garbageLines,
    DEADLINE_MS,
  );
  await daemon.stop();
  const differences = await ledger.compare(place.data);
  // The one line of the other ledger bears number 0 as well.
  expect(differences).toMatchObject({ lost: 0, altered: 1, doubled: 0, unknown: 0 });
});

it('answers a missing file and a folder with wrong usage, and reads nothing', async () => {
  const place = makePlace();
  for (const path of [join(place.root, 'absent.json'), place.logs]) {
    const ended = await varde(['import', '-c', place.config, path]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('[usage]');
  }
});

it('keeps what stands before the damage in a cut gzip file, and says so', async () => {
  const place = makePlace();
  const ledger = new Ledger(seeded('cut'));
  const whole = gzipSync(Buffer.concat(Array.from({ length: 3000 }, () => ledger.event())));
  const file = join(place.root, 'cut.json.gz');
  writeFileSync(file, whole.subarray(0, whole.length / 2));
  const ended = await varde(['import', '--json', '-c', place.config, file]);
  expect(ended.code).toBe(1);
  const stored = (JSON.parse(ended.stdout.toString().trim()) as Result).events_stored;
  expect(stored).toBeGreaterThan(1000);
  // Replaced by the whole file, the rest follows and nothing comes twice.
  writeFileSync(file, whole);
  expect(await importJson(place, [file])).toMatchObject({
    events_stored: 3000 - stored,
    already_there: stored,
    lines_quarantined: 0,
  });
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});
