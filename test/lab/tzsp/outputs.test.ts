import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { encodeTzsp, originalLengthTag, timeStampTag } from '../../../src/packet/tzsp/encode.ts';
import { SmallDisk } from '../heartbeat/disk.ts';
import { labObstacle, LAB_PACKAGES } from '../packages.ts';
import { labEnvironment, runProgram } from '../program.ts';
import { until } from '../wait.ts';
import { numbered } from './frames.ts';
import { outputOf } from './receiver-program.ts';
import { framesOf, pcapOf, PORT, RECEIVER, ROUTER, TARGET, TzspStage } from './stage.ts';

/** What `varde tzsp` writes into files and pipes, read by tcpdump and by few lines of their own. */

const NEEDED = new Set(['ip', 'ethtool', 'tcpdump', 'mount']);
const obstacle = labObstacle(LAB_PACKAGES.filter((each) => NEEDED.has(each.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

const DEADLINE_MS = 20_000;
const BIN = process.env['VARDE_BIN'] ?? join(PACKAGE_ROOT, 'bin', 'varde');

function stage(): TzspStage {
  const made = new TzspStage();
  onTestFinished(() => made.close());
  return made;
}

const plain = (frame: Buffer): Buffer => encodeTzsp({ frame });
const row = (from: number, count: number, size = 64): Buffer[] =>
  Array.from({ length: count }, (_, i) => numbered(from + i, size));
const hex = (frames: readonly Buffer[]): string[] => frames.map((it) => it.toString('hex'));
/** Frames of any file that tcpdump reads. */
const read = (path: string): string[] =>
  hex(framesOf(execFileSync('tcpdump', ['-r', path, '-w', '-'], { env: labEnvironment(), maxBuffer: 2 ** 28 })));

/** Record header of the n-th frame: seconds, nanoseconds, captured and original length. */
function records(pcap: Buffer): number[][] {
  const found: number[][] = [];
  for (let at = 24; at + 16 <= pcap.length; at += 16 + pcap.readUInt32LE(at + 8))
    found.push([0, 4, 8, 12].map((field) => pcap.readUInt32LE(at + field)));
  return found;
}

/** The only file of a folder, or the files by their names. */
function filesOf(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

describe.skipIf(obstacle !== null)(title('a file'), () => {
  it('has each frame with its time and its length on the wire, and each link type in a file of its own', async () => {
    const on = stage();
    const folder = join(on.root, 'pcap');
    const receiver = await on.receive('--pcap', join(folder, 'a.pcap'));
    const before = Math.floor(Date.now() / 1000);
    const radio = Buffer.from('0800000000000000000000000000000000000000000000', 'hex');
    await on.send([
      plain(numbered(0)),
      encodeTzsp({ frame: numbered(1), tags: [originalLengthTag(1500)] }),
      encodeTzsp({ frame: numbered(2), tags: [timeStampTag(1_600_000_000, 123_456_789)] }),
      encodeTzsp({ frame: radio, encapsulation: 18 }),
      plain(numbered(3, 60_000)),
    ]);
    await receiver.hasTaken(5);
    const { report } = await receiver.stop();

    expect(outputOf(report, 'pcap')).toMatchObject({ state: 'open', frames: 5, dropped: {} });
    const files = filesOf(folder);
    expect(files.length).toBe(2);
    const [ethernet, other] = files.sort((a, b) => a.length - b.length);
    const bytes = readFileSync(ethernet!);
    expect(bytes.readUInt32LE(20)).toBe(1);
    expect(hex(framesOf(bytes))).toEqual(hex([numbered(0), numbered(1), numbered(2), numbered(3, 60_000)]));
    const [first, sliced, stamped, large] = records(bytes);
    expect(first![0]).toBeGreaterThanOrEqual(before);
    expect(first![0]).toBeLessThanOrEqual(Date.now() / 1000);
    expect(sliced!.slice(2)).toEqual([64, 1500]);
    expect(stamped).toEqual([1_600_000_000, 123_456_789, 64, 64]);
    expect(large!.slice(2)).toEqual([60_000, 60_000]);
    expect(readFileSync(other!).readUInt32LE(20)).toBe(105);
    expect(hex(framesOf(readFileSync(other!)))).toEqual([radio.toString('hex')]);
    expect(read(ethernet!)).toHaveLength(4);
  });

  it('is rotated by size and compressed, and nothing is lost between two', async () => {
    const on = stage();
    const folder = join(on.root, 'pcap');
    const flags = ['--rotate-bytes', '200000', '--gzip', '--inject', TARGET];
    const receiver = await on.receive('--no-kernel', '--pcap', join(folder, 'a-%H%M%S.pcap'), ...flags);
    const frames = row(0, 3000, 1000);
    await on.send(frames.map(plain), { rate: 1500 });
    await receiver.hasTaken(frames.length);
    await receiver.stop();

    const packed = filesOf(folder).filter((it) => it.endsWith('.gz'));
    expect(packed.length).toBeGreaterThan(0);
    const seen = filesOf(folder).flatMap((it) => {
      const bytes = readFileSync(it);
      return hex(framesOf(it.endsWith('.gz') ? gunzipSync(bytes) : bytes));
    });
    expect(seen.sort()).toEqual(hex(frames).sort());
    expect(filesOf(folder).filter((it) => it.endsWith('.part'))).toEqual([]);
  });

  it('makes way for the newer ones, and for those only', async () => {
    const on = stage();
    const folder = join(on.root, 'pcap');
    mkdirSync(folder);
    writeFileSync(join(folder, 'somebody-elses.pcap'), 'not ours');
    const receiver = await on.receive('--pcap', join(folder, 'a.pcap'), '--rotate-bytes', '1000', '--keep', '2');
    for (let i = 0; i < 5; i++) {
      await on.send(row(i * 20, 20, 200).map(plain));
      await receiver.hasTaken((i + 1) * 20);
    }
    const others = (): string[] => filesOf(folder).filter((it) => !it.includes('somebody'));
    await until('the oldest are gone', () => others().length <= 2, DEADLINE_MS);
    await receiver.stop();
    expect(existsSync(join(folder, 'somebody-elses.pcap'))).toBe(true);
    const seen = others().flatMap((it) => hex(framesOf(readFileSync(it))));
    expect(seen).toContain(numbered(99, 200).toString('hex'));
  });

  it('in pcapng tells one router from another', async () => {
    const on = stage();
    const folder = join(on.root, 'pcapng');
    const receiver = await on.receive('--pcapng', join(folder, 'a.pcapng'));
    await on.send(row(0, 3).map(plain));
    await on.send(row(3, 3).map(plain), { from: '192.168.40.2' });
    await receiver.hasTaken(6);
    await receiver.stop();
    const [file] = filesOf(folder);
    expect(read(file!)).toEqual(hex(row(0, 6)));
    const text = readFileSync(file!, 'latin1');
    for (const router of [ROUTER, '192.168.40.2']) expect(text).toContain(`tzsp ${router}`);
  });

  it('on a disk that runs full ends with a whole frame, and is gone on with when there is room', async () => {
    const on = stage();
    const disk = new SmallDisk(join(on.root, 'disk'), 8);
    writeFileSync(join(disk.path, 'filler'), Buffer.alloc(6 * 1024 * 1024));
    onTestFinished(() => disk.close());
    const folder = join(disk.path, 'pcap');
    const receiver = await on.receive(
      '--no-kernel',
      '--pcap',
      join(folder, 'a.pcap'),
      '--min-free',
      '0',
      '--inject',
      TARGET,
    );
    const frames = row(0, 3000, 1400);
    await on.send(frames.map(plain), { rate: 5000 });
    const full = await receiver.until('all are accounted for', (it) => {
      const { frames: written, dropped } = outputOf(it, 'pcap');
      return written + (dropped.disk_full ?? 0) === 3000;
    });
    expect(outputOf(full, 'pcap').dropped.disk_full).toBeGreaterThan(0);
    // The other output does not suffer.
    expect(outputOf(full, 'inject')).toMatchObject({ frames: 3000, dropped: {} });
    const kept = filesOf(folder).flatMap((it) => hex(framesOf(readFileSync(it))));
    expect(kept).toHaveLength(outputOf(full, 'pcap').frames);
    disk.empty();

    await receiver.until('it has seen that there is room', (it) => outputOf(it, 'pcap').state === 'open');
    await on.send([plain(numbered(9999))]);
    await receiver.until('it writes again', (it) => outputOf(it, 'pcap').frames === kept.length + 1);
    await receiver.stop();
    const after = filesOf(folder).flatMap((it) => hex(framesOf(readFileSync(it))));
    expect(after.sort()).toEqual([...kept, numbered(9999).toString('hex')].sort());
  });

  it('is left alone while the disk has less room than it is to keep', async () => {
    const on = stage();
    const disk = new SmallDisk(join(on.root, 'disk'), 2);
    onTestFinished(() => disk.close());
    const receiver = await on.receive('--pcap', join(disk.path, 'a.pcap'), '--min-free', '4000000');
    await on.send(row(0, 10).map(plain));
    expect(outputOf(await receiver.hasTaken(10), 'pcap')).toMatchObject({
      state: 'waiting',
      frames: 0,
      dropped: { disk_full: 10 },
    });
    expect(filesOf(disk.path)).toEqual([]);
  });
});

describe.skipIf(obstacle !== null)(title('a pipe'), () => {
  it('on standard output is read as it is written, and its end is the end', async () => {
    const on = stage();
    const file = join(on.root, 'out.pcap');
    const pipe = join(on.root, 'pipe');
    runProgram(['mkfifo', pipe]);
    const reader = spawn('tcpdump', ['-r', pipe, '-U', '-w', file], { env: labEnvironment(), stdio: 'ignore' });
    const [program, ...args] = [...on.wire.prefix('home'), process.execPath, BIN, 'tzsp', '--write', '-'];
    const output = openSync(pipe, 'w');
    const child = spawn(program!, args, { env: labEnvironment(), stdio: ['ignore', output, 'pipe'] });
    closeSync(output);
    const gone = Promise.all([reader, child].map((it) => once(it, 'exit')));
    onTestFinished(() => void [reader, child].map((it) => it.kill('SIGKILL')));
    let said = '';
    child.stderr!.on('data', (data: Buffer) => (said += data.toString()));
    await until('it listens', () => said.includes('listens'), DEADLINE_MS);
    const frames = row(0, 500, 300);
    await on.send(frames.map(plain));
    await until(
      'tcpdump has read them',
      () => existsSync(file) && framesOf(readFileSync(file)).length === 500,
      DEADLINE_MS,
    );
    expect(hex(framesOf(readFileSync(file)))).toEqual(hex(frames));

    // The reader goes, and nothing comes any more: the receiver ends by itself.
    reader.kill('SIGINT');
    await gone;
    expect(child.exitCode).toBe(0);
    expect(said).toContain('500 frames');
  });

  it('has readers that come and go, and each gets a whole file', async () => {
    const on = stage();
    const fifo = join(on.root, 'fifo');
    runProgram(['mkfifo', fifo]);
    const receiver = await on.receive('--no-kernel', '--write', fifo, '--inject', TARGET);
    expect(outputOf(receiver.reports.at(-1)!, 'stream')).toMatchObject({ state: 'waiting' });
    await on.send(row(0, 5).map(plain));
    expect(outputOf(await receiver.hasTaken(5), 'stream').dropped).toEqual({ no_reader: 5 });

    for (const turn of [1, 2, 3]) {
      const file = join(on.root, `read${turn}.pcap`);
      const reader = spawn('cat', [fifo], { stdio: ['ignore', openSync(file, 'w'), 'inherit'] });
      await receiver.until('it has a reader', (it) => outputOf(it, 'stream').state === 'open');
      const frames = row(turn * 1000, 100, 500);
      await on.send(frames.map(plain));
      await until('the reader has them', () => framesOf(readFileSync(file)).length === frames.length, DEADLINE_MS);
      expect(hex(framesOf(readFileSync(file)))).toEqual(hex(frames));
      reader.kill();
      await once(reader, 'close');
      await receiver.until('it has seen that the reader is gone', (it) => outputOf(it, 'stream').state === 'waiting');
    }
    const { report } = await receiver.stop();
    expect(outputOf(report, 'stream').frames).toBe(300);
    expect(outputOf(report, 'inject')).toMatchObject({ frames: 305, dropped: {} });
  });

  it('has a reader that takes the place of another at once, and it gets a whole file too', async () => {
    const on = stage();
    const fifo = join(on.root, 'fifo');
    runProgram(['mkfifo', fifo]);
    const files = [1, 2, 3].map((turn) => join(on.root, `read${turn}.pcap`));
    // Each ends after its tenth frame: head, record headers and frames.
    const bytes = 24 + 10 * (16 + 500);
    const script = files.map((file) => `head -c ${bytes} '${fifo}' > '${file}'`).join('; ');
    const readers = spawn('sh', ['-c', script], { stdio: 'ignore' });
    onTestFinished(() => void readers.kill('SIGKILL'));
    const receiver = await on.receive('--no-kernel', '--write', fifo, '--inject', TARGET);
    await receiver.until('it has a reader', (it) => outputOf(it, 'stream').state === 'open');
    for (const [turn, file] of files.entries()) {
      const frames = row(turn * 100, 10, 500);
      await on.send(frames.map(plain));
      await until('the reader has them', () => existsSync(file) && readFileSync(file).length === bytes, DEADLINE_MS);
      expect(hex(framesOf(readFileSync(file)))).toEqual(hex(frames));
    }
    const { report } = await receiver.stop();
    expect(outputOf(report, 'stream')).toMatchObject({ frames: 30, dropped: {} });
  });

  it('is of Ethernet, and nothing else: neither by a stray frame of another kind nor by a file in its place', async () => {
    const on = stage();
    const fifo = join(on.root, 'fifo');
    runProgram(['mkfifo', fifo]);
    const file = join(on.root, 'read.pcap');
    const reader = spawn('cat', [fifo], { stdio: ['ignore', openSync(file, 'w'), 'inherit'] });
    onTestFinished(() => void reader.kill('SIGKILL'));
    const receiver = await on.receive('--no-kernel', '--write', fifo);
    await receiver.until('it has a reader', (it) => outputOf(it, 'stream').state === 'open');
    const frames = row(0, 5, 200);
    await on.send([encodeTzsp({ frame: Buffer.alloc(40, 8), encapsulation: 18 }), ...frames.map(plain)]);
    await until('the reader has them', () => framesOf(readFileSync(file)).length === frames.length, DEADLINE_MS);
    expect(hex(framesOf(readFileSync(file)))).toEqual(hex(frames));
    expect(outputOf((await receiver.stop()).report, 'stream').dropped).toEqual({ other_link_type: 1 });

    const precious = join(on.root, 'precious');
    writeFileSync(precious, 'precious');
    const refusing = await on.receive('--no-kernel', '--write', precious);
    await on.send(frames.map(plain));
    expect(outputOf(await refusing.hasTaken(5), 'stream')).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining('is no FIFO') as string,
      dropped: { write_failed: 5 },
    });
    expect(readFileSync(precious, 'utf8')).toBe('precious');
  });

  it('that nobody empties holds up nothing, and what it had no room for is counted', async () => {
    const on = stage();
    const fifo = join(on.root, 'fifo');
    runProgram(['mkfifo', fifo]);
    // Opened for reading and never read.
    const fd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const receiver = await on.receive('--no-kernel', '--write', fifo, '--inject', TARGET);
    const tap = await on.tap();
    const frames = row(0, 4000, 1400);
    await on.send(frames.map(plain), { rate: 4000 });
    const report = await receiver.hasTaken(frames.length);
    const { dropped } = outputOf(report, 'stream');
    expect(dropped.blocked).toBeGreaterThan(1000);
    expect(outputOf(report, 'inject')).toMatchObject({ frames: 4000, dropped: {} });
    await tap.expects(frames);
    const { report: last, millis } = await receiver.stop();
    expect(millis).toBeLessThan(1000);
    const counts = outputOf(last, 'stream');
    expect(counts.frames + Object.values(counts.dropped).reduce((sum, it) => sum + it, 0)).toBe(4000);
    closeSync(fd);
  });
});

describe.skipIf(obstacle !== null)(title('without a foreign function interface'), () => {
  it('files are written all the same, and it is said', async () => {
    const on = stage();
    const block = join(on.root, 'block.cjs');
    writeFileSync(block, 'process.dlopen = () => { throw new Error("no native modules here"); };\n');
    const before = process.env['NODE_OPTIONS'];
    process.env['NODE_OPTIONS'] = `--require=${block}`;
    const file = join(on.root, 'pcap', 'a.pcap');
    const receiver = await on.receive('--pcap', file).finally(() => {
      if (before === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = before;
    });
    const frames = row(0, 1000, 700);
    await on.send(frames.map(plain), { rate: 2000 });
    const report = await receiver.hasTaken(frames.length);
    expect(report.path).toBe('dgram');
    expect(report.noKernelPath).toContain('no native modules here');
    await receiver.stop();
    expect(filesOf(join(on.root, 'pcap')).flatMap((it) => read(it))).toEqual(hex(frames));
  });
});

describe.skipIf(obstacle !== null)(title('varde tzsp send'), () => {
  it('sends a capture file as a stream', async () => {
    const on = stage();
    const receiver = await on.receive('--no-kernel', '--inject', TARGET);
    const tap = await on.tap();
    const frames = row(0, 50, 600);
    const file = join(on.root, 'send.pcap');
    writeFileSync(file, pcapOf(frames));
    const to = `${RECEIVER}:${PORT}`;
    const command = [
      process.execPath,
      BIN,
      'tzsp',
      'send',
      file,
      '--to',
      to,
      '--loops',
      '3',
      '--rate',
      '1000',
      '--json',
    ];
    const told = JSON.parse(on.wire.run('attacker', command)) as { sent: number; secs: number };
    expect(told.sent).toBe(150);
    expect(told.secs).toBeGreaterThan(0.1);
    await receiver.hasTaken(150);
    await tap.expects([...frames, ...frames, ...frames]);
  });
});
