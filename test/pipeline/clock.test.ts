import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seeded } from '../lab/pcap/random.ts';
import { Daemon, untilCommitted } from './daemon.ts';
import { Ledger, NOTHING_DIFFERS } from './ledger.ts';
import { libfaketime, needs } from './obstacles.ts';
import { makePlace } from './place.ts';
import { LogWriter } from './writer.ts';

it('survives a clock that jumps a day ahead and back', async ({ skip }) => {
  const library = libfaketime();
  needs(skip, library === null ? 'missing: libfaketime' : null);
  const place = makePlace();
  const offset = join(place.root, 'clock');
  const env = {
    ...process.env,
    LD_PRELOAD: library!,
    FAKETIME_TIMESTAMP_FILE: offset,
    FAKETIME_NO_CACHE: '1',
    // Otherwise a jump back would stop Node's own timers, which no real jump does.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  writeFileSync(offset, '+0d\n');
  const random = seeded('clock');
  const ledger = new Ledger(random.fork('ledger'));
  const writer = new LogWriter(place.logs, ledger, random.fork('writer'), async () => true);
  let daemon = await Daemon.ready(place, { env });
  const hours: number[] = [];
  for (const jump of ['+1d', '-1d', '+0d', '-1d', '+1d']) {
    writeFileSync(offset, `${jump}\n`);
    hours.push(Math.round(((await daemon.status()).now - Date.now()) / 3_600_000) + 0);
    await writer.append(300);
    await untilCommitted(place, ledger.lines);
    await writer.rotate('rename');
    await writer.append(300);
    await pause(random.integer(0, 600));
    await daemon.kill();
    forget(daemon.child.pid!);
    daemon = await Daemon.ready(place, { env });
    await untilCommitted(place, ledger.lines);
    // A jump while it runs, with lines in flight.
    writeFileSync(offset, jump === '-1d' ? '+1d\n' : '-1d\n');
    await writer.append(300);
    await writer.rotate('copytruncate');
    await untilCommitted(place, ledger.lines);
  }
  // The jumps were real for the station.
  expect(hours).toEqual([24, -24, 0, -24, 24]);
  await daemon.stop();
  forget(daemon.child.pid!);
  writer.close();
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});

/** libfaketime leaves these behind when its process is killed. */
function forget(pid: number): void {
  for (const name of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`])
    rmSync(join('/dev/shm', name), { force: true });
}
