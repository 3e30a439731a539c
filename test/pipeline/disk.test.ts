import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seeded } from '../lab/pcap/random.ts';
import { until } from '../lab/wait.ts';
import { Daemon, DEADLINE_MS, hasCommitted, totals, untilCommitted } from './daemon.ts';
import { Ledger, NOTHING_DIFFERS } from './ledger.ts';
import { needs, rootWith, smallDisk } from './obstacles.ts';
import { makePlace, type Place } from './place.ts';

/** Writes until nothing more fits. */
function fill(path: string): void {
  const fd = openSync(path, 'w');
  try {
    for (let size = 1024 * 1024; size >= 512;) {
      try {
        writeSync(fd, Buffer.alloc(size, 1));
      } catch {
        size /= 2;
      }
    }
  } finally {
    closeSync(fd);
  }
}

async function append(place: Place, ledger: Ledger, batches: number): Promise<void> {
  for (let i = 0; i < batches; i++) appendFileSync(place.eve, ledger.some(500));
}

function waiting(daemon: Daemon, code: string): Promise<unknown> {
  return until(
    `the store waits: ${code}`,
    async () => (await daemon.status()).store.waiting?.code === code,
    DEADLINE_MS,
  );
}

for (const fresh of ['in memory', 'on the full disk too']) {
  it(`waits on a full disk and goes on by itself (newest events ${fresh})`, async ({ skip }) => {
    needs(skip, rootWith('mkfs.ext4', 'mount'));
    const place = makePlace();
    const disk = smallDisk(place.root, 256);
    place.data = join(disk, 'data');
    place.configure({
      data: place.data,
      ...(fresh === 'in memory' ? {} : { store: { fresh_folder: join(disk, 'fresh') } }),
    });
    const ledger = new Ledger(seeded(fresh));
    const daemon = await Daemon.ready(place);
    await append(place, ledger, 2);
    await untilCommitted(place, ledger.lines);
    fill(join(disk, 'filler'));
    // Memory takes the newest events for a while; then the store must say so and wait.
    for (let megabytes = 0; (await daemon.status()).store.waiting === null; megabytes += 4) {
      expect(megabytes).toBeLessThan(150);
      appendFileSync(place.eve, Buffer.concat(Array.from({ length: 200 }, () => ledger.event(20_000))));
      await until(
        'it is stored, or waits',
        async () => (await daemon.status()).store.waiting !== null || (await hasCommitted(place.data, ledger.lines)),
        DEADLINE_MS,
      );
    }
    const { lamp, store } = await daemon.status();
    expect([lamp.state, store.waiting?.code]).toEqual(['blind', 'store_full']);
    await append(place, ledger, 2);
    await daemon.kill();
    const second = await Daemon.ready(place);
    await append(place, ledger, 2);
    await until(
      'it waits again',
      async () => (await second.status()).store.waiting?.code === 'store_full',
      DEADLINE_MS,
    );
    rmSync(join(disk, 'filler'));
    await untilCommitted(place, ledger.lines);
    expect((await second.status()).store.waiting).toBeNull();
    await second.stop();
    expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
  });
}

it('goes on where memory for the newest events is full', async ({ skip }) => {
  needs(skip, rootWith('mount', 'umount'));
  const place = makePlace();
  const fresh = join(place.root, 'fresh');
  mkdirSync(fresh, { mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', fresh]);
  try {
    place.configure({ store: { fresh_folder: fresh, flush_to_disk_secs: 3600 } });
    const ledger = new Ledger(seeded('small memory'));
    const daemon = await Daemon.ready(place);
    for (let i = 0; i < 12; i++) {
      await append(place, ledger, 1);
      await untilCommitted(place, ledger.lines);
    }
    await daemon.kill();
    const second = await Daemon.ready(place);
    await append(place, ledger, 1);
    await untilCommitted(place, ledger.lines);
    await second.stop();
    expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
  } finally {
    execFileSync('umount', ['--lazy', fresh]);
  }
});

it('waits while the data folder is read-only and goes on by itself', async ({ skip }) => {
  needs(skip, rootWith('mkfs.ext4', 'mount', 'chattr'));
  const place = makePlace();
  const disk = smallDisk(place.root, 64);
  place.data = join(disk, 'data');
  place.configure({ data: place.data, store: { fresh_folder: join(disk, 'data', 'fresh') } });
  const ledger = new Ledger(seeded('read-only'));
  const daemon = await Daemon.ready(place);
  await append(place, ledger, 1);
  await untilCommitted(place, ledger.lines);
  // The lock file is open for writing, so the file system itself cannot be remounted; immutable folders refuse even root.
  const folders = execFileSync('find', [place.data, '-type', 'd'], { encoding: 'utf8' }).trim().split('\n');
  execFileSync('chattr', ['+i', ...folders]);
  try {
    await append(place, ledger, 3);
    await waiting(daemon, 'data_folder');
    expect((await daemon.status()).lamp.state).toBe('blind');
  } finally {
    execFileSync('chattr', ['-i', ...folders]);
  }
  await untilCommitted(place, ledger.lines);
  expect((await daemon.status()).store.waiting).toBeNull();
  await daemon.stop();
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});

it('refuses to start on a read-only data folder, and says why', async ({ skip }) => {
  needs(skip, rootWith('mkfs.ext4', 'mount'));
  const place = makePlace();
  const disk = smallDisk(place.root, 16);
  place.data = join(disk, 'data');
  mkdirSync(place.data);
  place.configure({ data: place.data });
  execFileSync('mount', ['-o', 'remount,ro', disk]);
  const { code, stderr } = await new Daemon(place).ended;
  expect(code).toBe(1);
  expect(stderr).toContain('[data_folder]');
  execFileSync('mount', ['-o', 'remount,rw', disk]);
  const daemon = await Daemon.ready(place);
  await daemon.stop();
});

it('quarantines nothing and loses nothing when the disk fills up and is freed over and over', async ({ skip }) => {
  needs(skip, rootWith('mkfs.ext4', 'mount'));
  const place = makePlace();
  const disk = smallDisk(place.root, 96);
  place.data = join(disk, 'data');
  place.configure({ data: place.data, store: { fresh_folder: join(disk, 'fresh') } });
  const ledger = new Ledger(seeded('over and over'));
  const daemon = await Daemon.ready(place);
  for (let round = 0; round < 4; round++) {
    fill(join(disk, 'filler'));
    await append(place, ledger, 4);
    await waiting(daemon, 'store_full');
    await pause(50);
    rmSync(join(disk, 'filler'));
    await untilCommitted(place, ledger.lines);
  }
  expect(totals(await daemon.status()).lines_quarantined).toBe(ledger.garbageLines);
  await daemon.stop();
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});
