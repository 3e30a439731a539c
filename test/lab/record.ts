import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { wholeDay } from './day/day.ts';
import { DAY, DAY_START } from './day/rhythm.ts';
import type { Ingredients } from './day/zoo.ts';
import { pcapHeader, pcapRecord } from './pcap/file.ts';
import type { Packet } from './pcap/frame.ts';
import { runProgram } from './program.ts';
import { type RecordedFile, recordingReadme } from './recording-readme.ts';
import { readWithSuricata, type SuricataProgram } from './suricata.ts';
import { versionOf } from './suricata8.ts';

/** How many times faster than life the day is played to Suricata. */
const SPEED = 900;
const STATS_SECONDS = 900;
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

/**
 * Plays the packets into a pipe at `SPEED` times their own pace. Suricata ends flows from a thread of its own that looks at the clock ten
 * times a second: fed at full speed it would find the whole day in a few looks and date hundreds of flows to the same moment.
 */
async function play(packets: readonly Packet[], pipe: string): Promise<void> {
  const out = createWriteStream(pipe);
  await once(out, 'open');
  out.write(pcapHeader());
  const began = performance.now();
  for (const packet of packets) {
    const due = began + (packet.time - DAY_START) / 1000 / SPEED;
    const ahead = due - performance.now();
    if (ahead > 1) await pause(1);
    if (!out.write(pcapRecord(packet))) await once(out, 'drain');
  }
  await pause(Math.max(0, began + DAY / 1000 / SPEED - performance.now()));
  out.end();
  await once(out, 'close');
}

/**
 * One Suricata's log of the day. Its own clock runs along with the packets (libfaketime), so that the stats records, which carry the
 * machine's time, belong to the same day.
 */
async function observe(
  program: SuricataProgram,
  packets: readonly Packet[],
  work: string,
): Promise<{ eve: Buffer; fast: Buffer }> {
  const folder = join(work, `day${program.major}`);
  mkdirSync(folder, { recursive: true });
  const pipe = join(folder, 'day.fifo');
  runProgram(['mkfifo', pipe]);
  const env = { LD_PRELOAD: FAKETIME, FAKETIME: `@2026-01-14 23:53:00 x${SPEED}`, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const [logs] = await Promise.all([
    readWithSuricata({ program, folder, statsSeconds: STATS_SECONDS, env }, pipe),
    play(packets, pipe),
  ]);
  return { eve: readFileSync(join(logs, 'eve.json')), fast: readFileSync(join(logs, 'fast.log')) };
}

/** Seconds of the day between which Suricata 8's log is kept: both together have to stay small. */
const WINDOW_8: readonly [string, string] = ['2026-01-15T08:00', '2026-01-15T14:59'];
const TIMESTAMP = /^\{"timestamp":"([^"]+)"/;

/**
 * The lines of the day itself, in the order in which they were written. Left out are the flows that Suricata ends when it is stopped after
 * midnight, and the few that it dates 1970 when its flow thread found no packet thread awake.
 */
function within(eve: Buffer, from: string, to: string): Buffer {
  const lines = eve
    .toString('utf8')
    .split('\n')
    .filter((line) => {
      const time = TIMESTAMP.exec(line)?.[1] ?? '';
      return time >= from && time < to;
    });
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Makes the recording that the demo plays; gives a line per file for people. */
export async function record(
  programs: readonly SuricataProgram[],
  found: Ingredients,
  work: string,
  target: string,
): Promise<string[]> {
  const packets = wholeDay('varde', found);
  mkdirSync(target, { recursive: true });
  const logs = await Promise.all(programs.map((program) => observe(program, packets, work)));
  const files: RecordedFile[] = [];
  const write = (name: string, version: string, content: Buffer): void => {
    const packed = gzipSync(content, { level: 9 });
    writeFileSync(join(target, name), packed);
    files.push({ name, version, content: content.toString('utf8'), packed: packed.length });
  };
  programs.forEach((program, index) => {
    const { eve, fast } = logs[index]!;
    const version = versionOf(program);
    if (program.major === 8) write('day8.eve.json.gz', version, within(eve, ...WINDOW_8));
    else {
      write('day.eve.json.gz', version, within(eve, '2026-01-15', '2026-01-16'));
      write('day.fast.log.gz', version, fast);
    }
  });
  writeFileSync(join(target, 'README.md'), recordingReadme(files, packets.length));
  return [
    `${packets.length} packets`,
    ...files.map((file) => `${file.name}: ${file.content.length} characters, packed ${file.packed} bytes`),
  ];
}
