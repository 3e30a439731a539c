import {
  appendFileSync,
  copyFileSync,
  existsSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFolder } from './testing/log-folder.ts';

let log: LogFolder;
beforeEach(() => void (log = new LogFolder()));
afterEach(() => log.close());

// Each case with short files (less than the fingerprint) and with long ones.
describe.each([
  { size: 'short', n: 3, pad: 0 },
  { size: 'long', n: 40, pad: 100 },
])('$size files', ({ n, pad }) => {
  it('copytruncate while stopped, the copy shorter than what was read', async () => {
    log.write('eve.json', n, pad);
    copyFileSync(log.at('eve.json'), log.at('eve.json.1'));
    log.write('eve.json', 2, pad);
    await log.tail.step();
    log.ledger.commit();
    log.tail.kill();
    truncateSync(log.at('eve.json'), 0);
    log.write('eve.json', 2, pad);
    log.crash();
    await log.expectAll();
  });

  it('inode reuse while stopped', async () => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.ledger.commit();
    log.tail.kill();
    // The file system would reuse the number at some time; writing into the same inode is the same thing to an observer.
    truncateSync(log.at('eve.json'), 0);
    renameSync(log.at('eve.json'), log.at('eve.json.new'));
    log.write('eve.json.new', 4 * n, pad);
    log.crash();
    await log.expectAll();
    expect(log.ledger.records.size).toBe(2);
  });

  it.each(['gz', 'zst'])('%s of the rotated file while stopped: the unread rest inside it is read', async (ending) => {
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.ledger.commit();
    log.tail.kill();
    log.write('eve.json', n, pad);
    log.packTo('eve.json', `eve.json.1.${ending}`);
    log.write('eve.json', n, pad);
    log.crash();
    await log.expectAll(5);
    expect(log.ledger.records.size).toBe(2);
    log.crash();
    await log.expectAll(5);
    // And unpacked again, it is still the same content.
    writeFileSync(
      log.at('eve.json.unpacked'),
      log.written
        .slice(0, 2 * n)
        .map((line) => `${line}\n`)
        .join(''),
    );
    await log.expectAll(5);
  });

  it.each(['eve.json*', 'eve.json'])('several generations while stopped, followed as %s', async (pattern) => {
    log.crash({}, pattern);
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.ledger.commit();
    log.tail.kill();
    log.write('eve.json', n, pad);
    log.packTo('eve.json', 'eve.json.3.gz');
    log.write('eve.json', n, pad);
    log.packTo('eve.json', 'eve.json.2.gz');
    log.write('eve.json', n, pad);
    renameSync(log.at('eve.json'), log.at('eve.json.1'));
    log.write('eve.json', n, pad);
    // What was written after a start must be younger than it; file times are coarse.
    for (const name of ['eve.json.3.gz', 'eve.json.2.gz', 'eve.json.1'])
      utimesSync(log.at(name), new Date(), new Date(Date.now() + 50));
    log.crash({}, pattern);
    await log.expectAll(6);
  });

  it('truncated and regrown while stopped, with the same first kilobytes', async () => {
    const head = `# ${'banner '.repeat(400)}`;
    log.writeLines('eve.json', [head]);
    log.write('eve.json', n, pad);
    await log.tail.step();
    log.ledger.commit();
    log.tail.kill();
    truncateSync(log.at('eve.json'), 0);
    log.writeLines('eve.json', [head]);
    log.write('eve.json', 2 * n, pad);
    log.crash();
    await log.expectAll();
  });

  it('a machine that lost power: the file is shorter than what is stored', async () => {
    log.write('eve.json', 60, 40);
    await log.tail.step();
    log.ledger.commit();
    log.tail.kill();
    truncateSync(log.at('eve.json'), statSync(log.at('eve.json')).size - 150);
    log.crash();
    await log.tail.step(2);
    appendFileSync(log.at('eve.json'), '"}\n');
    log.write('eve.json', n, pad);
    log.ledger.commit();
    log.crash();
    await log.tail.step(3);
    log.ledger.commit();
    // The torn line is what the file holds now; nothing else is read again.
    const torn = log.ledger.texts().filter((text) => !log.written.includes(text));
    expect(torn).toHaveLength(1);
    expect([...log.ledger.texts()].filter((text) => text !== torn[0]).sort()).toEqual([...log.written].sort());
  });
});

it('what is committed of a copy, and what is not, comes out once at every point of a crash', async () => {
  for (let commits = 0; commits < 8; commits++) {
    log.write('eve.json', 6, 20);
    await log.tail.step();
    log.write('eve.json', 3, 20);
    log.copytruncate('eve.json', `eve.json.${commits}`);
    log.write('eve.json', 4, 20);
    await log.tail.step();
    log.ledger.commit(commits % 4);
    log.crash({ chunk_bytes: 100 });
    await log.tail.step(2);
  }
  await log.expectAll();
  expect(existsSync(log.at('eve.json.0'))).toBe(true);
});
