import {
  appendFileSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogFolder } from './testing/log-folder.ts';

let log: LogFolder;
beforeEach(() => void (log = new LogFolder()));
afterEach(() => log.close());

// Each case with short files (less than the fingerprint) and with long ones.
describe.each([
  { size: 'short', n: 3, pad: 0 },
  { size: 'long', n: 40, pad: 100 },
])('$size files', ({ n, pad }) => {
  it('a growing file is read at once, however short', async () => {
    log.write('eve.json', 1);
    await log.tail.step();
    log.ledger.commit();
    expect(log.ledger.texts()).toEqual(log.written);
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.ledger.commit();
    expect(log.ledger.texts()).toEqual(log.written);
    expect(log.ledger.records.size).toBe(1);
  });

  it('rename, with lines written before and after it', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.write('eve.json', n, pad);
    renameSync(log.at('eve.json'), log.at('eve.json.1'));
    log.write('eve.json.1', 2, pad);
    log.write('eve.json', n, pad);
    await log.expectAll();
    expect(log.ledger.records.size).toBe(2);
  });

  it('rename, where the glob names only eve.json', async () => {
    log.crash({}, 'eve.json');
    log.write('eve.json', n, pad);
    await log.tail.step();
    for (let i = 0; i < 4; i++) {
      log.write('eve.json', n, pad);
      renameSync(log.at('eve.json'), log.at(`rotated-${i}`));
      log.write(`rotated-${i}`, 1, pad);
      log.write('eve.json', n, pad);
      await log.tail.step();
      log.write(`rotated-${i}`, 1, pad);
    }
    await log.expectAll();
  });

  it('two renames between two looks, where the glob names only eve.json', async () => {
    log.crash({}, 'eve.json');
    log.write('eve.json', n, pad);
    await log.tail.step();
    for (const generation of ['eve.json.2', 'eve.json.1']) {
      log.write('eve.json', n, pad);
      renameSync(log.at('eve.json'), log.at(generation));
    }
    log.write('eve.json', n, pad);
    await log.expectAll();
  });

  it('copytruncate, with the rest unread', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.write('eve.json', n, pad);
    log.copytruncate('eve.json', 'eve.json.1');
    log.write('eve.json', 2, pad);
    await log.expectAll();
    expect(log.ledger.records.size).toBe(2);
  });

  it('copytruncate, where the copy is seen before the truncation', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    copyFileSync(log.at('eve.json'), log.at('eve.json.1'));
    await log.tail.step(3);
    truncateSync(log.at('eve.json'), 0);
    await log.tail.step(2);
    log.write('eve.json', n, pad);
    await log.expectAll();
    expect(log.ledger.records.size).toBe(2);
  });

  it('copytruncate, where the copy is seen while it grows', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    const bytes = readFileSync(log.at('eve.json'));
    for (let i = 1; i <= 4; i++) {
      writeFileSync(log.at('eve.json.1'), bytes.subarray(0, Math.floor((bytes.length * i) / 4)));
      await log.tail.step();
    }
    truncateSync(log.at('eve.json'), 0);
    log.write('eve.json', 1, pad);
    await log.expectAll();
  });

  it('copytruncate, where lines behind the copy were read before the truncation', async () => {
    log.write('eve.json', n, pad);
    copyFileSync(log.at('eve.json'), log.at('eve.json.1'));
    log.write('eve.json', 2, pad);
    await log.tail.step();
    truncateSync(log.at('eve.json'), 0);
    await log.tail.step(4);
    log.ledger.commit();
    await log.tail.step(4);
    log.write('eve.json', 2, pad);
    await log.expectAll();
  });

  it('copytruncate, the copy cut in the middle of a line that was read', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.ledger.commit();
    const bytes = readFileSync(log.at('eve.json'));
    writeFileSync(log.at('eve.json.1'), bytes.subarray(0, bytes.length - 5));
    truncateSync(log.at('eve.json'), 0);
    await log.tail.step(3);
    log.crash();
    await log.expectAll();
  });

  it('copytruncate, regrown beyond the old position before the next look', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.write('eve.json', 1, pad);
    log.copytruncate('eve.json', 'eve.json.1');
    log.write('eve.json', 3 * n, pad);
    await log.expectAll();
  });

  it('copytruncate, regrown to exactly the old size', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    const { size } = statSync(log.at('eve.json'));
    log.copytruncate('eve.json', 'eve.json.1');
    const line = 'y'.repeat(size - 1);
    log.written.push(line);
    writeFileSync(log.at('eve.json'), `${line}\n`);
    await log.expectAll();
  });

  it('copytruncate, with an identical first line', async () => {
    const first = `# header ${'h'.repeat(pad)}`;
    for (let i = 0; i < 3; i++) {
      log.written.push(first);
      appendFileSync(log.at('eve.json'), `${first}\n`);
      await log.tail.step(i === 1 ? 3 : 0);
      log.write('eve.json', n, pad);
      await log.tail.step(i === 0 ? 1 : 0);
      log.copytruncate('eve.json', `eve.json.${i}`);
      await log.tail.step(i === 2 ? 2 : 0);
    }
    await log.expectAll(6);
  });

  it('truncated and regrown, without a copy: what was written in between is read', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    truncateSync(log.at('eve.json'), 0);
    log.write('eve.json', 2 * n, pad);
    await log.expectAll();
  });

  it('a file that shrinks to nothing and stays', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    truncateSync(log.at('eve.json'), 0);
    await log.expectAll();
    expect(log.ledger.records.size).toBe(1);
  });

  it('delete and recreate, with the rest of the deleted one unread', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.write('eve.json', n, pad);
    unlinkSync(log.at('eve.json'));
    log.write('eve.json', n, pad);
    await log.expectAll();
  });

  it('delete and recreate with an identical first line', async () => {
    for (let i = 0; i < 3; i++) {
      log.written.push('# header');
      appendFileSync(log.at('eve.json'), '# header\n');
      if (i > 0) log.write('eve.json', n, pad);
      await log.tail.step(i + 1);
      unlinkSync(log.at('eve.json'));
    }
    await log.expectAll();
  });

  it('a deleted file whose last line lacks its newline', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.written.push('half a line');
    appendFileSync(log.at('eve.json'), 'half a line');
    await log.tail.step();
    unlinkSync(log.at('eve.json'));
    await log.expectAll(6);
    expect(log.tail.tailer.files.all()).toEqual([]);
  });

  it.each(['gz', 'zst'])('%s of the rotated file while running, with the rest unread', async (ending) => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.write('eve.json', n, pad);
    renameSync(log.at('eve.json'), log.at('eve.json.1'));
    log.write('eve.json', 1, pad);
    log.packTo('eve.json.1', `eve.json.1.${ending}`);
    await log.expectAll(6);
    expect(log.ledger.records.size).toBe(2);
    log.crash();
    await log.expectAll(6);
  });

  it('a copy of the beginning is packed into the inode of the deleted original: nothing of it is new', async () => {
    log.write('eve.json', n, pad);
    await log.expectAll();
    copyFileSync(log.at('eve.json'), log.at('eve.json.1'));
    log.write('eve.json', 1, pad);
    await log.expectAll();
    truncateSync(log.at('eve.json'), 0);
    log.write('eve.json', 1, pad);
    await log.expectAll();
    // ext4 gives the number of the inode that became free to the next file.
    unlinkSync(log.at('eve.json'));
    await log.tail.step(4);
    log.packTo('eve.json.1', 'eve.json.1.gz');
    log.write('eve.json', 1, pad);
    await log.expectAll(6);
  });

  it('symlink swap', async () => {
    mkdirSync(log.at('real'));
    log.write('real/a', n, pad);
    symlinkSync(log.at('real/a'), log.at('eve.json'));
    await log.tail.step();
    log.write('real/a', n, pad);
    log.write('real/b', n, pad);
    symlinkSync(log.at('real/b'), log.at('tmp'));
    renameSync(log.at('tmp'), log.at('eve.json'));
    log.write('real/a', 1, pad);
    await log.tail.step();
    log.write('real/b', 1, pad);
    await log.expectAll();
  });

  it('hard links and a copy of a live file are read once', async () => {
    log.write('eve.json', n, pad);
    linkSync(log.at('eve.json'), log.at('eve.json.link'));
    symlinkSync(log.at('eve.json'), log.at('eve.json.symlink'));
    await log.tail.step();
    copyFileSync(log.at('eve.json'), log.at('eve.json.bak'));
    await log.tail.step(4);
    log.write('eve.json', n, pad);
    await log.expectAll();
    expect(log.ledger.records.size).toBe(1);
    unlinkSync(log.at('eve.json'));
    log.write('eve.json.link', 1, pad);
    await log.expectAll();
    expect(log.ledger.records.size).toBe(1);
  });

  it('moved across devices: copied, deleted, and written to at the new place', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    copyFileSync(log.at('eve.json'), log.at('eve.json.moved'));
    unlinkSync(log.at('eve.json'));
    log.write('eve.json.moved', 2, pad);
    await log.expectAll(6);
    expect(log.ledger.records.size).toBe(1);
  });

  it('rotation in the middle of reading: truncated between a read and its proof', async () => {
    log.write('eve.json', 4 * n, pad);
    log.crash({ chunk_bytes: 256 });
    let cut = false;
    log.ledger.onChunk = () => {
      if (cut) return;
      cut = true;
      log.copytruncate('eve.json', 'eve.json.1');
      log.write('eve.json', 6 * n, pad);
    };
    await log.expectAll(6);
  });

  it('copytruncate behind a backlog: the copy was taken for one, then holds the rest', async () => {
    log.write('eve.json', 20 * n, pad);
    log.crash({ chunk_bytes: 100 });
    let chunks = 0;
    log.ledger.onChunk = () => {
      chunks++;
      if (chunks === 1) copyFileSync(log.at('eve.json'), log.at('eve.json.1'));
      if (chunks <= 5) log.tail.look();
      if (chunks === 6) truncateSync(log.at('eve.json'), 0);
    };
    await log.tail.step();
    expect(chunks).toBeGreaterThan(6);
    log.write('eve.json', 2, pad);
    await log.expectAll();
  });

  it('truncated and regrown with the same first kilobytes', async () => {
    const head = `# ${'banner '.repeat(400)}`;
    log.writeLines('eve.json', [head]);
    log.write('eve.json', n, pad);
    await log.tail.step();
    truncateSync(log.at('eve.json'), 0);
    log.writeLines('eve.json', [head]);
    log.write('eve.json', 2 * n, pad);
    await log.expectAll();
  });
});

it('a rotated sibling that no pattern names is read although the clock was set far back meanwhile', async () => {
  const clock = vi.spyOn(Date, 'now');
  try {
    log.crash({}, 'eve.json');
    log.write('eve.json', 3, 400);
    await log.tail.step();
    const back = Date.now() - 86_400_000;
    clock.mockImplementation(() => back);
    await log.tail.step();
    // Written, and renamed, between two looks.
    log.write('eve.json.1', 5, 400);
    utimesSync(log.at('eve.json.1'), back / 1000 + 1, back / 1000 + 1);
    await log.expectAll();
  } finally {
    clock.mockRestore();
  }
});
