import {
  appendFileSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from './testing/ledger.ts';
import { Stepper } from './testing/stepper.ts';
import { zstd } from './testing/zstd.ts';

let folder: string;
let ledger: Ledger;
let tail: Stepper;
let written: string[];
let serial: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varde-rotation-'));
  ledger = new Ledger();
  written = [];
  serial = 0;
  tail = start();
});

afterEach(() => {
  tail.kill();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
const start = (options: ConstructorParameters<typeof Stepper>[2] = {}, pattern = 'eve.json*'): Stepper =>
  new Stepper(ledger, [at(pattern)], options).begin();

/** Appends lines that are unlike any other, and notes them. */
function write(name: string, count = 1, pad = 0): void {
  const lines = Array.from({ length: count }, () => `{"n":${serial++},"pad":"${'x'.repeat(pad)}"}`);
  written.push(...lines);
  appendFileSync(at(name), lines.map((line) => `${line}\n`).join(''));
}

function crash(options: ConstructorParameters<typeof Stepper>[2] = {}, pattern?: string): void {
  tail.kill();
  ledger.crash();
  tail = start(options, pattern);
}

/** Everything written was committed, each line once. */
async function expectAll(steps = 4): Promise<void> {
  await tail.step(steps);
  ledger.commit();
  await tail.step(2);
  ledger.commit();
  expect([...ledger.texts()].sort()).toEqual([...written].sort());
}

function copytruncate(from: string, to: string): void {
  copyFileSync(at(from), at(to));
  truncateSync(at(from), 0);
}

function packTo(from: string, to: string): void {
  const bytes = readFileSync(at(from));
  writeFileSync(at(to), to.endsWith('.gz') ? gzipSync(bytes) : zstd(bytes));
  const { atime, mtime } = statSync(at(from));
  utimesSync(at(to), atime, mtime);
  unlinkSync(at(from));
}

// Each case with short files (less than the fingerprint) and with long ones.
describe.each([
  { size: 'short', n: 3, pad: 0 },
  { size: 'long', n: 40, pad: 100 },
])('$size files', ({ n, pad }) => {
  it('a growing file is read at once, however short', async () => {
    write('eve.json', 1);
    await tail.step();
    ledger.commit();
    expect(ledger.texts()).toEqual(written);
    write('eve.json', n, pad);
    await tail.step();
    ledger.commit();
    expect(ledger.texts()).toEqual(written);
    expect(ledger.records.size).toBe(1);
  });

  it('rename, with lines written before and after it', async () => {
    write('eve.json', n, pad);
    await tail.step();
    write('eve.json', n, pad);
    renameSync(at('eve.json'), at('eve.json.1'));
    write('eve.json.1', 2, pad);
    write('eve.json', n, pad);
    await expectAll();
    expect(ledger.records.size).toBe(2);
  });

  it('rename, where the glob names only eve.json', async () => {
    tail.kill();
    tail = start({}, 'eve.json');
    write('eve.json', n, pad);
    await tail.step();
    for (let i = 0; i < 4; i++) {
      write('eve.json', n, pad);
      renameSync(at('eve.json'), at(`rotated-${i}`));
      write(`rotated-${i}`, 1, pad);
      write('eve.json', n, pad);
      await tail.step();
      write(`rotated-${i}`, 1, pad);
    }
    await expectAll();
  });

  it('two renames between two looks, where the glob names only eve.json', async () => {
    tail.kill();
    tail = start({}, 'eve.json');
    write('eve.json', n, pad);
    await tail.step();
    for (const generation of ['eve.json.2', 'eve.json.1']) {
      write('eve.json', n, pad);
      renameSync(at('eve.json'), at(generation));
    }
    write('eve.json', n, pad);
    await expectAll();
  });

  it('copytruncate, with the rest unread', async () => {
    write('eve.json', n, pad);
    await tail.step();
    write('eve.json', n, pad);
    copytruncate('eve.json', 'eve.json.1');
    write('eve.json', 2, pad);
    await expectAll();
    expect(ledger.records.size).toBe(2);
  });

  it('copytruncate, where the copy is seen before the truncation', async () => {
    write('eve.json', n, pad);
    await tail.step();
    copyFileSync(at('eve.json'), at('eve.json.1'));
    await tail.step(3);
    truncateSync(at('eve.json'), 0);
    await tail.step(2);
    write('eve.json', n, pad);
    await expectAll();
    expect(ledger.records.size).toBe(2);
  });

  it('copytruncate, where the copy is seen while it grows', async () => {
    write('eve.json', n, pad);
    await tail.step();
    const bytes = readFileSync(at('eve.json'));
    for (let i = 1; i <= 4; i++) {
      writeFileSync(at('eve.json.1'), bytes.subarray(0, Math.floor((bytes.length * i) / 4)));
      await tail.step();
    }
    truncateSync(at('eve.json'), 0);
    write('eve.json', 1, pad);
    await expectAll();
  });

  it('copytruncate, where lines behind the copy were read before the truncation', async () => {
    write('eve.json', n, pad);
    copyFileSync(at('eve.json'), at('eve.json.1'));
    write('eve.json', 2, pad);
    await tail.step();
    truncateSync(at('eve.json'), 0);
    await tail.step(4);
    ledger.commit();
    await tail.step(4);
    write('eve.json', 2, pad);
    await expectAll();
  });

  it('copytruncate while stopped, the copy shorter than what was read', async () => {
    write('eve.json', n, pad);
    copyFileSync(at('eve.json'), at('eve.json.1'));
    write('eve.json', 2, pad);
    await tail.step();
    ledger.commit();
    tail.kill();
    truncateSync(at('eve.json'), 0);
    write('eve.json', 2, pad);
    crash();
    await expectAll();
  });

  it('copytruncate, the copy cut in the middle of a line that was read', async () => {
    write('eve.json', n, pad);
    await tail.step();
    ledger.commit();
    const bytes = readFileSync(at('eve.json'));
    writeFileSync(at('eve.json.1'), bytes.subarray(0, bytes.length - 5));
    truncateSync(at('eve.json'), 0);
    await tail.step(3);
    crash();
    await expectAll();
  });

  it('copytruncate, regrown beyond the old position before the next look', async () => {
    write('eve.json', n, pad);
    await tail.step();
    write('eve.json', 1, pad);
    copytruncate('eve.json', 'eve.json.1');
    write('eve.json', 3 * n, pad);
    await expectAll();
  });

  it('copytruncate, regrown to exactly the old size', async () => {
    write('eve.json', n, pad);
    await tail.step();
    const { size } = statSync(at('eve.json'));
    copytruncate('eve.json', 'eve.json.1');
    const line = 'y'.repeat(size - 1);
    written.push(line);
    writeFileSync(at('eve.json'), `${line}\n`);
    await expectAll();
  });

  it('copytruncate, with an identical first line', async () => {
    const first = `# header ${'h'.repeat(pad)}`;
    for (let i = 0; i < 3; i++) {
      written.push(first);
      appendFileSync(at('eve.json'), `${first}\n`);
      await tail.step(i === 1 ? 3 : 0);
      write('eve.json', n, pad);
      await tail.step(i === 0 ? 1 : 0);
      copytruncate('eve.json', `eve.json.${i}`);
      await tail.step(i === 2 ? 2 : 0);
    }
    await expectAll(6);
  });

  it('truncated and regrown, without a copy: what was written in between is read', async () => {
    write('eve.json', n, pad);
    await tail.step();
    truncateSync(at('eve.json'), 0);
    write('eve.json', 2 * n, pad);
    await expectAll();
  });

  it('a file that shrinks to nothing and stays', async () => {
    write('eve.json', n, pad);
    await tail.step();
    truncateSync(at('eve.json'), 0);
    await expectAll();
    expect(ledger.records.size).toBe(1);
  });

  it('delete and recreate, with the rest of the deleted one unread', async () => {
    write('eve.json', n, pad);
    await tail.step();
    write('eve.json', n, pad);
    unlinkSync(at('eve.json'));
    write('eve.json', n, pad);
    await expectAll();
  });

  it('delete and recreate with an identical first line', async () => {
    for (let i = 0; i < 3; i++) {
      written.push('# header');
      appendFileSync(at('eve.json'), '# header\n');
      if (i > 0) write('eve.json', n, pad);
      await tail.step(i + 1);
      unlinkSync(at('eve.json'));
    }
    await expectAll();
  });

  it('a deleted file whose last line lacks its newline', async () => {
    write('eve.json', n, pad);
    await tail.step();
    written.push('half a line');
    appendFileSync(at('eve.json'), 'half a line');
    await tail.step();
    unlinkSync(at('eve.json'));
    await expectAll(6);
    expect(tail.tailer.files.all()).toEqual([]);
  });

  it('inode reuse while stopped', async () => {
    write('eve.json', n, pad);
    await tail.step();
    ledger.commit();
    tail.kill();
    // The file system would reuse the number at some time; writing into the same inode is the same thing to an observer.
    truncateSync(at('eve.json'), 0);
    renameSync(at('eve.json'), at('eve.json.new'));
    write('eve.json.new', 4 * n, pad);
    crash();
    await expectAll();
    expect(ledger.records.size).toBe(2);
  });

  it.each(['gz', 'zst'])('%s of the rotated file while running, with the rest unread', async (ending) => {
    write('eve.json', n, pad);
    await tail.step();
    write('eve.json', n, pad);
    renameSync(at('eve.json'), at('eve.json.1'));
    write('eve.json', 1, pad);
    packTo('eve.json.1', `eve.json.1.${ending}`);
    await expectAll(6);
    expect(ledger.records.size).toBe(2);
    crash();
    await expectAll(6);
  });

  it.each(['gz', 'zst'])('%s of the rotated file while stopped: the unread rest inside it is read', async (ending) => {
    write('eve.json', n, pad);
    await tail.step();
    ledger.commit();
    tail.kill();
    write('eve.json', n, pad);
    packTo('eve.json', `eve.json.1.${ending}`);
    write('eve.json', n, pad);
    crash();
    await expectAll(5);
    expect(ledger.records.size).toBe(2);
    crash();
    await expectAll(5);
    // And unpacked again, it is still the same content.
    writeFileSync(
      at('eve.json.unpacked'),
      written
        .slice(0, 2 * n)
        .map((line) => `${line}\n`)
        .join(''),
    );
    await expectAll(5);
  });

  it.each(['eve.json*', 'eve.json'])('several generations while stopped, followed as %s', async (pattern) => {
    tail.kill();
    tail = start({}, pattern);
    write('eve.json', n, pad);
    await tail.step();
    ledger.commit();
    tail.kill();
    write('eve.json', n, pad);
    packTo('eve.json', 'eve.json.3.gz');
    write('eve.json', n, pad);
    packTo('eve.json', 'eve.json.2.gz');
    write('eve.json', n, pad);
    renameSync(at('eve.json'), at('eve.json.1'));
    write('eve.json', n, pad);
    // What was written after a start must be younger than it; file times are coarse.
    for (const name of ['eve.json.3.gz', 'eve.json.2.gz', 'eve.json.1'])
      utimesSync(at(name), new Date(), new Date(Date.now() + 50));
    crash({}, pattern);
    await expectAll(6);
  });

  it('symlink swap', async () => {
    mkdirSync(at('real'));
    write('real/a', n, pad);
    symlinkSync(at('real/a'), at('eve.json'));
    await tail.step();
    write('real/a', n, pad);
    write('real/b', n, pad);
    symlinkSync(at('real/b'), at('tmp'));
    renameSync(at('tmp'), at('eve.json'));
    write('real/a', 1, pad);
    await tail.step();
    write('real/b', 1, pad);
    await expectAll();
  });

  it('hard links and a copy of a live file are read once', async () => {
    write('eve.json', n, pad);
    linkSync(at('eve.json'), at('eve.json.link'));
    symlinkSync(at('eve.json'), at('eve.json.symlink'));
    await tail.step();
    copyFileSync(at('eve.json'), at('eve.json.bak'));
    await tail.step(4);
    write('eve.json', n, pad);
    await expectAll();
    expect(ledger.records.size).toBe(1);
    unlinkSync(at('eve.json'));
    write('eve.json.link', 1, pad);
    await expectAll();
    expect(ledger.records.size).toBe(1);
  });

  it('moved across devices: copied, deleted, and written to at the new place', async () => {
    write('eve.json', n, pad);
    await tail.step();
    copyFileSync(at('eve.json'), at('eve.json.moved'));
    unlinkSync(at('eve.json'));
    write('eve.json.moved', 2, pad);
    await expectAll(6);
    expect(ledger.records.size).toBe(1);
  });

  it('rotation in the middle of reading: truncated between a read and its proof', async () => {
    write('eve.json', 4 * n, pad);
    tail.kill();
    tail = start({ chunk_bytes: 256 });
    let cut = false;
    ledger.onChunk = () => {
      if (cut) return;
      cut = true;
      copytruncate('eve.json', 'eve.json.1');
      write('eve.json', 6 * n, pad);
    };
    await expectAll(6);
  });

  it('a machine that lost power: the file is shorter than what is stored', async () => {
    write('eve.json', 60, 40);
    await tail.step();
    ledger.commit();
    tail.kill();
    truncateSync(at('eve.json'), statSync(at('eve.json')).size - 150);
    crash();
    await tail.step(2);
    appendFileSync(at('eve.json'), '"}\n');
    write('eve.json', n, pad);
    ledger.commit();
    crash();
    await tail.step(3);
    ledger.commit();
    // The torn line is what the file holds now; nothing else is read again.
    const torn = ledger.texts().filter((text) => !written.includes(text));
    expect(torn).toHaveLength(1);
    expect([...ledger.texts()].filter((text) => text !== torn[0]).sort()).toEqual([...written].sort());
  });
});

it('what is committed of a copy, and what is not, comes out once at every point of a crash', async () => {
  for (let commits = 0; commits < 8; commits++) {
    write('eve.json', 6, 20);
    await tail.step();
    write('eve.json', 3, 20);
    copytruncate('eve.json', `eve.json.${commits}`);
    write('eve.json', 4, 20);
    await tail.step();
    ledger.commit(commits % 4);
    crash({ chunk_bytes: 100 });
    await tail.step(2);
  }
  await expectAll();
  expect(existsSync(at('eve.json.0'))).toBe(true);
});
