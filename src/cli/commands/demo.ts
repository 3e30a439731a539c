import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../base/package-root.ts';
import { configSchema, type Config } from '../../config/schema.ts';
import { Station } from '../../pipeline/station.ts';
import { createTelemetry } from '../../telemetry/telemetry.ts';
import { onKey } from '../demo/keys.ts';
import { Player } from '../demo/player.ts';
import { readRecording } from '../demo/recording.ts';
import { DEMO_PROBES, DemoSensor, FAULTS } from '../demo/sensor.ts';

export interface DemoOptions {
  once?: boolean;
  json?: boolean;
  port: number;
}

const PAST = 2 / 3;
/** `--once` gives up after this long without a new event. */
const STALL_MS = 60_000;

/** `varde demo`: a recorded sensor day through the real station in a temporary place; nothing is left behind. */
export async function demo(options: DemoOptions): Promise<number> {
  // The demo's sensor speaks for itself: two Suricatas in one log would look like one that is started anew all the time.
  const lines = readRecording().filter(({ text }) => options.once === true || !text.includes('"event_type":"stats"'));
  // Nothing is made before the config is right.
  const config = demoConfig(options);
  const folders: Folders = { root: '', fresh: '' };
  try {
    makeFolders(folders, config);
    return await play(config, lines, join(folders.root, 'log'), options);
  } finally {
    for (const folder of [folders.root, folders.fresh])
      if (folder !== '') rmSync(folder, { recursive: true, force: true });
  }
}

async function play(
  config: Config,
  lines: ReturnType<typeof readRecording>,
  logs: string,
  options: DemoOptions,
): Promise<number> {
  const telemetry = createTelemetry({ stream: process.stderr, level: 'warn', tty: process.stderr.isTTY });
  const player = new Player(lines, logs);
  const append = (added: string[]): void => player.append(added);
  const sensor = new DemoSensor({ config, append, report: (probe) => void station.probesSent([probe]) });
  const set = (broken: boolean): void => {
    sensor.set(broken);
    player.paused = sensor.fault === 'mirror';
    if (options.json !== true) process.stdout.write(faultWords(sensor));
  };
  const station: Station = new Station({
    config,
    configPath: null,
    telemetry,
    webRoot: join(PACKAGE_ROOT, 'dist', 'web'),
    demo: { broken: () => sensor.fault !== null, set },
  });
  let keys: (() => void) | null = null;
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    if (options.once !== true) keys = onKey({ b: () => set(sensor.fault === null) }, resolve);
  });
  try {
    await station.start();
    if (options.once === true) return await playOnce(station, player, interrupted, options.json === true);
    announce(station, lines.length, options.json === true);
    await Promise.race([player.playPast(PAST, Date.now()), interrupted]);
    player.playLive(PAST);
    sensor.start();
    await interrupted;
    return 0;
  } finally {
    endKeys(keys);
    sensor.stop();
    player.stop();
    await station.stop('end of the demo');
  }
}

async function playOnce(station: Station, player: Player, interrupted: Promise<void>, json: boolean): Promise<number> {
  const began = Date.now();
  let stopped = false;
  void interrupted.then(() => (stopped = true));
  await player.playPast(1, Date.now());
  const complete = await untilStored(station, player.written, () => stopped);
  const { accounting, by_file } = sum(station);
  const result = {
    lines_written: player.written,
    ...accounting,
    complete,
    files: by_file,
    events_in_store: station.status().store.events,
    took_ms: Date.now() - began,
  };
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    process.stdout.write(
      `Wrote ${result.lines_written} lines to real files (one rename, one copytruncate on the way).\n` +
        `Read ${result.lines_read} = stored ${result.events_stored} + quarantined ${result.lines_quarantined} + in flight ${result.in_flight}; ` +
        `${complete ? 'every line is accounted for' : 'NOT every line is accounted for'} after ${(result.took_ms / 1000).toFixed(1)} s.\n`,
    );
  }
  return complete ? 0 : 1;
}

/** True when every written line is committed; false when nothing moves any more, or on a signal. */
async function untilStored(station: Station, written: number, stopped: () => boolean): Promise<boolean> {
  let last = -1;
  let moved = Date.now();
  for (;;) {
    const { accounting } = sum(station);
    const done = accounting.events_stored + accounting.lines_quarantined;
    if (done === written && accounting.in_flight === 0) return true;
    if (done > written || stopped() || Date.now() - moved > STALL_MS) return false;
    if (done !== last) {
      last = done;
      moved = Date.now();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function sum(station: Station) {
  const source = station.status().sources[0];
  return {
    accounting: source?.accounting ?? { lines_read: 0, events_stored: 0, lines_quarantined: 0, in_flight: 0 },
    by_file: source === undefined ? [] : Object.values(source.by_file),
  };
}

function announce(station: Station, lines: number, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ url: station.address, pid: process.pid, lines })}\n`);
    return;
  }
  process.stdout.write(
    `Varde demo: a recorded day of a small network, ${lines} events, played through the whole chain.\n\n` +
      `  Page:  ${station.address ?? ''}\n\n` +
      'Two thirds of the day appear within seconds, the rest goes on live. Ctrl-C ends it and leaves nothing.\n' +
      (process.stdin.isTTY
        ? 'b breaks a hop of the heartbeat, and mends it again: see the lamp and the page Sensors.\n'
        : ''),
  );
}

function faultWords({ fault }: DemoSensor): string {
  return fault === null
    ? 'Mended: the heartbeat comes through again with the next probes.\n'
    : `Broken on purpose: ${FAULTS[fault]} The verdict changes within seconds; press b again to mend it.\n`;
}

/** A function of its own, since the compiler does not see that a promise's executor has run. */
function endKeys(end: (() => void) | null): void {
  end?.();
}

/** Empty where none was made. */
interface Folders {
  root: string;
  fresh: string;
}

/** Makes the folders, notes each as soon as it is there, and puts them into the config. */
function makeFolders(folders: Folders, config: Config): void {
  folders.root = mkdtempSync(join(tmpdir(), 'varde-demo-'));
  folders.fresh = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'varde-demo-'));
  const logs = join(folders.root, 'log');
  config.data = join(folders.root, 'data');
  config.store.fresh_folder = folders.fresh;
  config.sources[0]!.paths = [join(logs, 'eve.json*')];
  mkdirSync(logs);
  mkdirSync(config.data);
}

/** Without its folders. */
function demoConfig(options: DemoOptions): Config {
  return configSchema.parse({
    sources: [{ type: 'file_tail', parser: 'suricata-eve', paths: ['eve.json*'], poll_interval_ms: 200 }],
    // `--once` accounts for each line of the recording: no other line may be written.
    probes: options.once === true ? {} : DEMO_PROBES,
    web: { port: options.once === true ? 0 : options.port },
  });
}
