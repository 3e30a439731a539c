import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Random, seeded } from '../lab/pcap/random.ts';
import { until } from '../lab/wait.ts';
import { Daemon, DEADLINE_MS, hasCommitted, totals, untilCommitted } from './daemon.ts';
import { Ledger, NOTHING_DIFFERS } from './ledger.ts';
import { makePlace } from './place.ts';
import { LogWriter, ROTATIONS } from './writer.ts';

/** VARDE_KILLS=1000 is the long run; VARDE_SEED repeats one. */
const KILLS = Number(process.env['VARDE_KILLS'] ?? 200);
const SEED = process.env['VARDE_SEED'] ?? String(Date.now());
/** Stations that are followed, killed and compared at the same time, each with files of its own. */
const STATIONS = 3;

/** One station, one writer: kills it so often, then compares. */
async function ordeal(name: string, kills: number): Promise<Record<string, number>> {
  const random = seeded(`${SEED} ${name}`);
  const place = makePlace();
  const ledger = new Ledger(random.fork('ledger'));
  const writer = new LogWriter(place.logs, ledger, random.fork('writer'), (lines) => hasCommitted(place.data, lines));
  const life = new Life(writer, random.fork('life'));
  const killed = { starting: 0, ready: 0, stoppedRotations: 0 };
  const writing = life.run();
  for (let kill = 0; kill < kills; kill++) {
    const daemon = new Daemon(place);
    if (random.chance(0.25)) {
      await pause(random.integer(0, 500));
      killed[/^Ready/m.test(daemon.stdout) ? 'ready' : 'starting']++;
    } else {
      await daemon.untilReady();
      // A writer that wants to delete a file waits until its lines are stored: often the kill comes right after the deletion.
      if (life.waiting && random.chance(0.7))
        await until('all is stored', () => !life.waiting || daemon.isOver, DEADLINE_MS);
      else await pause(random.integer(20, 600));
      killed.ready++;
    }
    expect(daemon.isOver, `the station ended by itself: ${daemon.stderr.slice(-2000)}`).toBe(false);
    await daemon.kill();
    if (!life.waiting && random.chance(0.2)) {
      const rotated = life.alone(async () => {
        const generations = random.integer(1, 3);
        for (let i = 0; i < generations; i++) await writer.rotateStopped();
        killed.stoppedRotations += generations;
      });
      // The writer may just have begun to wait for a station that stores its lines: then this must not wait for the writer.
      await Promise.race([rotated, pause(300)]);
    }
  }
  // The last one lives until all is stored.
  const last = await Daemon.ready(place);
  life.over = true;
  await writing;
  await untilCommitted(place, ledger.lines);
  const books = totals(await last.status());
  await last.stop();
  writer.close();
  expect(await ledger.compare(place.data), `seed ${SEED}`).toEqual(NOTHING_DIFFERS);
  const stored = ledger.lines - ledger.garbageLines;
  expect(books).toEqual({
    lines_read: ledger.lines,
    events_stored: stored,
    lines_quarantined: ledger.garbageLines,
    in_flight: 0,
  });
  return { ...killed, ...writer.done, lines: ledger.lines };
}

/** The writer's life: bursts and pauses, and a rotation now and then. */
class Life {
  over = false;
  private readonly writer: LogWriter;
  private readonly random: Random;
  private turn: Promise<void> = Promise.resolve();

  constructor(writer: LogWriter, random: Random) {
    this.writer = writer;
    this.random = random;
  }

  get waiting(): boolean {
    return this.writer.waiting;
  }

  async run(): Promise<void> {
    while (!this.over) {
      await this.alone(() => this.step());
      await pause(this.random.integer(1, 25));
    }
  }

  /** One at a time: a rotation by the test itself must not meet one of the writer's. */
  alone(work: () => Promise<void>): Promise<void> {
    const next = this.turn.then(work);
    this.turn = next.catch(() => undefined);
    return next;
  }

  private async step(): Promise<void> {
    await this.writer.append(this.random.chance(0.1) ? this.random.integer(50, 250) : this.random.integer(1, 12));
    if (this.random.chance(0.03)) await this.writer.rotate(this.random.pick(ROTATIONS));
  }
}

it(
  `loses and doubles nothing over ${KILLS} kills under every kind of rotation`,
  { timeout: 300_000 + KILLS * 6000 },
  async () => {
    const each = Math.ceil(KILLS / STATIONS);
    const results = await Promise.all(Array.from({ length: STATIONS }, (_, i) => ordeal(`station ${i}`, each)));
    const sum: Record<string, number> = {};
    for (const result of results) for (const [key, value] of Object.entries(result)) sum[key] = (sum[key] ?? 0) + value;
    process.stdout.write(`kills: ${JSON.stringify(sum)} (VARDE_SEED=${SEED})\n`);
    expect(sum['starting']! + sum['ready']!).toBeGreaterThanOrEqual(KILLS);
    // A short run may miss one; a long one that does has a writer that no longer rotates.
    if (KILLS >= 100) for (const kind of [...ROTATIONS, 'stoppedRotations']) expect(sum[kind], kind).toBeGreaterThan(0);
  },
);
