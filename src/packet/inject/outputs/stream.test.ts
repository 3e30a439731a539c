import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { encodeTzsp } from '../../tzsp/encode.ts';
import { readTzsp, TzspView } from '../../tzsp/decode.ts';
import { Router } from '../router.ts';
import { loadSystem } from '../system.ts';
import { ReaderWatch } from './reader-watch.ts';
import { StreamOutput } from './stream.ts';

const system = process.platform === 'linux' ? await loadSystem().catch(() => null) : null;
const folder = mkdtempSync(join(tmpdir(), 'varde-stream-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TIME = { seconds: 1_700_000_000, nanoseconds: 5 };
const ROUTER = new Router('10.0.0.1', [], 0);
const HEAD_BYTES = 24;
const RECORD_BYTES = 16;
const ETHERNET = 1;
const IEEE_802_11 = 105;
let made = 0;

function fifo(): string {
  const path = join(folder, `fifo${made++}`);
  execFileSync('mkfifo', [path]);
  return path;
}

function stream(path: string, format: 'pcap' | 'pcapng' = 'pcap'): StreamOutput {
  const output = new StreamOutput(system!, { type: 'stream', path, format }, new ReaderWatch(system!, path));
  onTestFinished(() => output.close());
  return output;
}

function push(output: StreamOutput, length: number, encapsulation = 1): void {
  const bytes = encodeTzsp({ frame: Buffer.alloc(length, 7), encapsulation });
  const view = new TzspView();
  readTzsp(view, bytes, 0, bytes.length);
  output.push(bytes, view, TIME, ROUTER);
}

/** A reader that takes what is there and never waits. */
class Reader {
  private readonly fd: number;

  constructor(path: string) {
    this.fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  read(most = 4 * 1024 * 1024): Buffer {
    const room = Buffer.alloc(most);
    let bytes = 0;
    try {
      for (let got = 1; got > 0 && bytes < most; bytes += got) got = readSync(this.fd, room, bytes, most - bytes, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    return room.subarray(0, bytes);
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Lengths of the frames of a whole pcap file. */
function framesOf(pcap: Buffer): number[] {
  expect(pcap.readUInt32LE(0)).toBe(0xa1b23c4d);
  expect(pcap.readUInt32LE(20)).toBe(ETHERNET);
  const frames: number[] = [];
  let at = HEAD_BYTES;
  while (at < pcap.length) {
    frames.push(pcap.readUInt32LE(at + 8));
    at += RECORD_BYTES + frames.at(-1)!;
  }
  expect(at).toBe(pcap.length);
  return frames;
}

describe.skipIf(system === null)('a FIFO', () => {
  it('is of Ethernet from its start: a frame of another kind shuts out no other', () => {
    const path = fifo();
    const reader = new Reader(path);
    const output = stream(path);
    const head = reader.read();
    expect(head).toHaveLength(HEAD_BYTES);
    push(output, 60, 18);
    push(output, 61);
    output.flush();
    expect(framesOf(Buffer.concat([head, reader.read()]))).toEqual([61]);
    expect(output.report()).toMatchObject({ frames: 1, dropped: { other_link_type: 1 } });
    reader.close();
  });

  it('of pcapng takes every kind', () => {
    const path = fifo();
    const reader = new Reader(path);
    const output = stream(path, 'pcapng');
    push(output, 60, 18);
    push(output, 61);
    output.flush();
    const kinds: number[] = [];
    const bytes = reader.read();
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4))
      if (bytes.readUInt32LE(at) === 1) kinds.push(bytes.readUInt16LE(at + 8));
    expect(kinds).toEqual([IEEE_802_11, ETHERNET]);
    reader.close();
  });

  it.each(['at rest', 'with a frame at once', 'with frames that the one before has left'])(
    'gives a whole file to a reader that comes before anybody saw the one before go: %s',
    (how) => {
      const path = fifo();
      const first = new Reader(path);
      const output = stream(path);
      push(output, 60);
      output.flush();
      if (!how.includes('left')) expect(framesOf(first.read())).toEqual([60]);
      first.close();
      const second = new Reader(path);
      if (how === 'at rest') {
        output.tick();
        expect(second.read()).toHaveLength(HEAD_BYTES);
        second.close();
        return;
      }
      push(output, 70);
      push(output, 71);
      output.flush();
      expect(framesOf(second.read())).toEqual([70, 71]);
      // And it is left alone from then on.
      output.tick();
      push(output, 72);
      output.flush();
      expect(second.read()).toHaveLength(RECORD_BYTES + 72);
      expect(output.report()).toMatchObject({ frames: 4, dropped: {} });
      second.close();
    },
  );

  it('counts each frame when it is taken, and as lost only what was not', () => {
    const path = fifo();
    const reader = new Reader(path);
    const output = stream(path);
    // More than the pipe holds.
    for (let i = 0; i < 1500; i++) push(output, 1000);
    output.flush();
    const { frames, lastFrame } = output.report();
    expect(output.pending).toBe(true);
    expect(frames).toBeGreaterThan(900);
    expect(lastFrame).not.toBeNull();
    reader.read(100_000);
    output.flush();
    const before = output.report();
    expect(before.frames).toBeGreaterThan(frames);
    reader.close();
    output.tick();
    const { frames: taken, dropped } = output.report();
    expect(taken).toBe(before.frames);
    expect(taken + (dropped.no_reader ?? 0) + (dropped.blocked ?? 0)).toBe(1500);
  });

  it('is nothing else: a file is left as it is, and it is said why', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'precious');
    const output = stream(path);
    push(output, 60);
    output.flush();
    output.tick();
    expect(output.report()).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining('is no FIFO') as string,
      dropped: { write_failed: 1 },
    });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });
});
