import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileStatuses, lagOf } from './status.ts';
import { Ledger } from './testing/ledger.ts';
import { Stepper } from './testing/stepper.ts';
import { zstd } from './testing/zstd.ts';

let folder: string;
let ledger: Ledger;
let tail: Stepper;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varde-odd-'));
  ledger = new Ledger();
  tail = new Stepper(ledger, []).begin();
});
afterEach(() => {
  tail.kill();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);
function start(options: ConstructorParameters<typeof Stepper>[2] = {}, pattern = '*.json*'): void {
  tail.kill();
  ledger.crash();
  tail = new Stepper(ledger, [at(pattern)], options).begin();
}
async function read(steps = 1): Promise<string[]> {
  await tail.step(steps);
  ledger.commit();
  return ledger.texts();
}
const stateOf = (name: string) => fileStatuses(tail.tailer).find((file) => file.path === at(name));

describe('lines', () => {
  it('CRLF, NUL bytes and invalid UTF-8 come through as they are', async () => {
    start();
    const odd = Buffer.from([
      0x61, 0x0d, 0x0a, 0x00, 0x62, 0x00, 0x0a, 0xff, 0xc3, 0x28, 0x0a, 0x0a, 0xed, 0xa0, 0x80, 0x0a,
    ]);
    writeFileSync(at('eve.json'), odd);
    expect(await read()).toEqual(['a\r', '\0b\0', '\xff\xc3(', '', '\xed\xa0\x80']);
  });

  it('a partial last line waits for its newline', async () => {
    start();
    writeFileSync(at('eve.json'), 'one\ntw');
    expect(await read(3)).toEqual(['one']);
    expect(stateOf('eve.json')).toMatchObject({ state: 'waiting_for_newline', size: 6, position: 4, problem: null });
    expect(lagOf(tail.tailer)).toBe(2);
    appendFileSync(at('eve.json'), 'o');
    expect(await read()).toEqual(['one']);
    start();
    appendFileSync(at('eve.json'), '\nthree\n');
    expect(await read()).toEqual(['one', 'two', 'three']);
    expect(stateOf('eve.json')).toMatchObject({ state: 'current', size: 14, position: 14 });
  });

  it('lines of 16 MiB, in the middle of small ones', async () => {
    start();
    const long = 'x'.repeat(16 * 1024 * 1024);
    writeFileSync(at('eve.json'), `a\n${long}\nb\n${long.slice(0, 3_000_000)}\nc\n`);
    const texts = await read();
    expect(texts.map((text) => text.length)).toEqual([1, long.length, 1, 3_000_000, 1]);
    expect(texts[1] === long).toBe(true);
  });

  it('many short lines come in pieces of so many lines, then long ones in larger pieces again', async () => {
    const sizes: number[] = [];
    ledger.onChunk = ({ bytes }) => void sizes.push(bytes.length);
    start({ chunk_lines: 4 });
    writeFileSync(at('eve.json'), `${'\n'.repeat(10)}${'x'.repeat(100)}\n${'y'.repeat(100)}\n${'\n'.repeat(3)}rest`);
    expect((await read()).map((text) => text.length)).toEqual([...Array<number>(10).fill(0), 100, 100, 0, 0, 0]);
    expect(sizes).toEqual([4, 4, 2, 204, 1]);
    unlinkSync(at('eve.json'));
    expect((await read(5)).at(-1)).toBe('rest');
  });

  it('longer lines are known by their place only, also when they come in parts', async () => {
    start({ max_line_bytes: 1000, chunk_bytes: 300 });
    writeFileSync(at('eve.json'), `a\n${'x'.repeat(1000)}\n${'y'.repeat(1001)}\nb\n${'z'.repeat(5000)}`);
    const texts = await read();
    expect(texts.map((text) => text.length)).toEqual([1, 1000, 1]);
    expect(ledger.oversize.map(({ offset, length }) => [offset, length])).toEqual([[1003, 1001]]);
    expect(stateOf('eve.json')).toMatchObject({ state: 'waiting_for_newline', position: 2007 });
    // Its end comes after a restart: the place is still right.
    start({ max_line_bytes: 1000, chunk_bytes: 300 });
    await read();
    appendFileSync(at('eve.json'), `${'z'.repeat(20)}\nlast\n`);
    expect((await read()).at(-1)).toBe('last');
    expect(ledger.oversize.map(({ offset, length }) => [offset, length])).toEqual([
      [1003, 1001],
      [2007, 5020],
    ]);
    unlinkSync(at('eve.json'));
  });

  it('an over-long last line of a deleted file', async () => {
    start({ max_line_bytes: 100, chunk_bytes: 50 });
    writeFileSync(at('eve.json'), `a\n${'x'.repeat(500)}`);
    await read();
    unlinkSync(at('eve.json'));
    await read(5);
    expect(ledger.oversize.map(({ offset, length }) => [offset, length])).toEqual([[2, 500]]);
  });

  it('the hole that a writer leaves behind after copytruncate is no line', async () => {
    start();
    const writer = openSync(at('eve.json'), 'w');
    writeSync(writer, 'before\n'.repeat(500));
    expect((await read()).length).toBe(500);
    truncateSync(at('eve.json'), 0);
    writeSync(writer, 'behind the hole\n');
    expect((await read(2)).slice(500)).toEqual(['behind the hole']);
    writeSync(writer, 'more\n');
    start();
    writeSync(writer, 'and more\n');
    expect((await read(2)).slice(500)).toEqual(['behind the hole', 'more', 'and more']);
    closeSync(writer);
  });
});

describe('files', () => {
  it('1,000 at once, with the same first line, read fairly', async () => {
    start({ chunk_bytes: 200 });
    const expected: string[] = [];
    for (let i = 0; i < 1000; i++) {
      const lines = [
        '# the same first line',
        `file ${i}`,
        ...Array.from({ length: i === 0 ? 3000 : 2 }, (_, n) => `${i}/${n}`),
      ];
      expected.push(...lines);
      writeFileSync(at(`${i}.json`), lines.map((line) => `${line}\n`).join(''));
    }
    let chunks = 0;
    let firstOfLast = 0;
    const seen = new Set<string>();
    ledger.onChunk = ({ file }) => {
      chunks++;
      if (seen.size < 1000) firstOfLast = chunks;
      seen.add(file.id);
    };
    expect([...(await read())].sort()).toEqual(expected.sort());
    // The big one did not hold up the others.
    expect(firstOfLast).toBeLessThan(1100);
    expect(fileStatuses(tail.tailer)).toHaveLength(1000);
    start();
    expect(await read(2)).toHaveLength(expected.length);
  });

  it('appear later, and in folders that appear later', async () => {
    start({}, 'host-*/eve.json');
    expect(await read()).toEqual([]);
    mkdirSync(at('host-a'));
    writeFileSync(at('host-a/eve.json'), 'a\n');
    expect(await read()).toEqual(['a']);
    mkdirSync(at('host-b'));
    writeFileSync(at('host-b/eve.json'), '');
    expect(await read()).toEqual(['a']);
    expect(stateOf('host-b/eve.json')).toMatchObject({ id: null, state: 'current', size: 0 });
    appendFileSync(at('host-b/eve.json'), 'b\n');
    expect(await read()).toEqual(['a', 'b']);
  });

  it('start: end skips what is there at the very first start, and that alone', async () => {
    writeFileSync(at('eve.json'), 'old\npart');
    writeFileSync(at('eve.json.1.gz'), gzipSync('older\n'));
    const past = new Date(Date.now() - 3_600_000);
    utimesSync(at('eve.json.1.gz'), past, past);
    start({ start: 'end' });
    expect(await read(4)).toEqual([]);
    expect(stateOf('eve.json.1.gz')).toBeUndefined();
    // Even when nothing was written yet, the next start is not the first one.
    start({ start: 'end' });
    appendFileSync(at('eve.json'), 'ial\nnew\n');
    writeFileSync(at('later.json'), 'later\n');
    expect([...(await read(4))].sort()).toEqual(['later', 'new', 'partial']);
    start({ start: 'end' });
    expect(await read(4)).toHaveLength(3);
  });

  it('since leaves old files alone until they change', async () => {
    writeFileSync(at('old.json'), 'old\n');
    utimesSync(at('old.json'), new Date(1000), new Date(1000));
    writeFileSync(at('new.json'), 'new\n');
    start({ since_ms: Date.now() - 60_000 });
    expect(await read(3)).toEqual(['new']);
    appendFileSync(at('old.json'), 'changed\n');
    expect(await read(3)).toEqual(['new', 'old', 'changed']);
  });

  it('unreadable ones are shown with the remedy, and read once they may be', async () => {
    // Root may read whatever its mode: it becomes another user. Anybody else can shut himself out.
    const root = process.geteuid!() === 0;
    const mode = root ? 0o600 : 0;
    const become = (uid: number): void => {
      if (root) process.seteuid!(uid);
    };
    chmodSync(folder, 0o755);
    writeFileSync(at('eve.json'), 'secret\n');
    chmodSync(at('eve.json'), mode);
    become(65534);
    try {
      start();
      expect(await read(2)).toEqual([]);
      const status = stateOf('eve.json');
      expect(status).toMatchObject({ state: 'unreadable', id: null, problem: { code: 'source_unreadable' }, size: 7 });
      expect(status!.problem!.message).toContain(`mode ${mode.toString(8).padStart(4, '0')}`);
      expect(status!.problem!.message).toContain('Give this user read permission');
      expect(tail.events).toEqual([{ event: 'file_unreadable', path: at('eve.json') }]);
      become(0);
      chmodSync(at('eve.json'), 0o644);
      become(65534);
      expect(await read()).toEqual(['secret']);
      expect(stateOf('eve.json')).toMatchObject({ state: 'current', problem: null });
    } finally {
      become(0);
    }
  });

  it('pipes, folders and dangling links are left alone', async () => {
    mkdirSync(at('folder.json'));
    (await import('node:child_process')).execFileSync('mkfifo', [at('pipe.json')]);
    (await import('node:fs')).symlinkSync(at('nowhere'), at('link.json'));
    start();
    expect(await read(2)).toEqual([]);
    expect(fileStatuses(tail.tailer)).toEqual([]);
  });
});

describe.each([
  ['gzip', (content: string) => gzipSync(content)],
  ['zstd', (content: string) => zstd(Buffer.from(content))],
])('a %s', (_, pack) => {
  const text = Array.from({ length: 12_000 }, (_, i) => `line ${i} ${(i * 2654435761) % 4294967296}\n`).join('');
  const lines = text.slice(0, -1).split('\n');

  it('that is still being written is waited for, and no line comes twice', async () => {
    start();
    const whole = pack(text);
    for (let part = 1; part <= 4; part++) {
      writeFileSync(at('a.json'), whole.subarray(0, Math.floor((whole.length * part) / 4)));
      expect(await read()).toEqual([]);
    }
    expect(await read(3)).toEqual(lines);
    expect(stateOf('a.json')).toMatchObject({ state: 'finished', position: text.length });
  });

  it('whose writer stalled is read as far as it goes, then on', async () => {
    start();
    const whole = pack(text);
    writeFileSync(at('a.json'), whole.subarray(0, Math.floor(whole.length * 0.8)));
    const first = await read(4);
    expect(first.length).toBeGreaterThan(100);
    expect(first).toEqual(lines.slice(0, first.length));
    expect(stateOf('a.json')).toMatchObject({ state: 'broken', problem: { code: 'source_broken' } });
    start();
    expect(await read(4)).toHaveLength(first.length);
    writeFileSync(at('a.json'), whole);
    expect(await read(4)).toEqual(lines);
    expect(stateOf('a.json')).toMatchObject({ state: 'finished', problem: null });
  });

  it('that is damaged from its first byte on is shown as broken', async () => {
    start();
    writeFileSync(at('a.json'), Buffer.concat([pack(text).subarray(0, 4), Buffer.alloc(50, 0xee)]));
    expect(await read(4)).toEqual([]);
    expect(stateOf('a.json')).toMatchObject({ state: 'broken', problem: { code: 'source_broken' } });
    writeFileSync(at('a.json'), pack(text));
    expect(await read(4)).toEqual(lines);
  });

  it('whose last line lacks its newline', async () => {
    start();
    writeFileSync(at('a.json'), pack(`${text}rest`));
    expect(await read(4)).toEqual([...lines, 'rest']);
    start();
    expect(await read(4)).toHaveLength(lines.length + 1);
    expect(statSync(at('a.json')).size).toBeGreaterThan(0);
  });
});
