import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VardeError } from '../../base/errors.ts';
import { readOnce } from './read-once.ts';
import { Ledger } from './testing/ledger.ts';
import { Stepper } from './testing/stepper.ts';
import { zstd } from './testing/zstd.ts';

let folder: string;
let ledger: Ledger;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varde-once-'));
  ledger = new Ledger();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `{"line":${from + i},"x":"${'y'.repeat((from + i) % 50)}"}`);
const text = (from: number, to: number): string =>
  lines(from, to)
    .map((line) => `${line}\n`)
    .join('');
const put = (name: string, content: string | Buffer): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const stream = (content: string | Buffer, size = 1000): Readable => {
  const bytes = Buffer.from(content as string);
  return Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  );
};

async function once(input: string | Readable, options: Parameters<typeof readOnce>[2] = {}) {
  const result = await readOnce(input, ledger.context('import'), { chunk_bytes: 4096, ...options });
  ledger.commit();
  return result;
}

describe.each([
  ['plain', (content: string) => Buffer.from(content)],
  ['gzip', (content: string) => gzipSync(content)],
  [
    'gzip of two members',
    (content: string) => Buffer.concat([gzipSync(content.slice(0, 100)), gzipSync(content.slice(100))]),
  ],
  ['zstd', (content: string) => zstd(Buffer.from(content))],
] as const)('%s', (_, pack) => {
  it('is read whole, then not again, then only its new part', async () => {
    const seen: number[] = [];
    const packed = pack(text(0, 2000));
    const first = await once(put('log', packed), { onBytes: (bytes) => seen.push(bytes) });
    expect(first).toMatchObject({ already_there_lines: 0, problem: null });
    expect(ledger.texts()).toEqual(lines(0, 2000));
    expect(seen.at(-1)).toBe(packed.length);
    const again = await once(at('log'));
    expect(again).toMatchObject({
      id: first.id,
      already_there_lines: 2000,
      already_there_bytes: Buffer.byteLength(text(0, 2000)),
    });
    const more = await once(put('other-name', pack(text(0, 2100))));
    expect(more).toMatchObject({ id: first.id, already_there_lines: 2000 });
    expect(ledger.texts()).toEqual(lines(0, 2100));
    const part = await once(put('shorter', pack(text(0, 700))));
    expect(part).toMatchObject({ id: first.id, already_there_lines: 700 });
    expect(ledger.texts()).toEqual(lines(0, 2100));
  });

  it('from a stream likewise', async () => {
    const first = await once(stream(pack(text(0, 2000))));
    expect(ledger.texts()).toEqual(lines(0, 2000));
    expect(await once(stream(pack(text(0, 2000))))).toMatchObject({ id: first.id, already_there_lines: 2000 });
    expect(await once(stream(pack(text(0, 2100))))).toMatchObject({ id: first.id, already_there_lines: 2000 });
    expect(await once(stream(pack(text(0, 700))))).toMatchObject({ id: first.id, already_there_lines: 700 });
    expect(await once(put('file', pack(text(0, 2200))))).toMatchObject({ id: first.id, already_there_lines: 2100 });
    expect(ledger.texts()).toEqual(lines(0, 2200));
    // Another content with the same first lines is another content.
    await once(stream(pack(text(0, 50) + text(5000, 5100))));
    expect(ledger.texts()).toEqual([...lines(0, 2200), ...lines(0, 50), ...lines(5000, 5100)]);
  });

  it('counts a last line without newline', async () => {
    expect(await once(put('log', pack(`${text(0, 3)}rest`)))).toMatchObject({ already_there_lines: 0 });
    expect(ledger.texts()).toEqual([...lines(0, 3), 'rest']);
    expect(await once(stream(pack(`${text(0, 3)}rest`)))).toMatchObject({ already_there_lines: 4 });
    expect(await once(stream(pack('single')))).toMatchObject({ already_there_lines: 0 });
    expect(ledger.texts()).toEqual([...lines(0, 3), 'rest', 'single']);
  });

  it('of nothing', async () => {
    expect(await once(put('log', pack('')))).toMatchObject({ id: null, already_there_lines: 0, problem: null });
    expect(await once(stream(pack('')))).toMatchObject({ id: null, problem: null });
    expect(ledger.chunks).toBe(0);
  });
});

it('a file that was followed is not read again, and what was imported is not followed again', async () => {
  put('eve.json', text(0, 100));
  const tail = new Stepper(ledger, [at('eve.json*')]).begin();
  await tail.step();
  ledger.commit();
  tail.kill();
  appendFileSync(at('eve.json'), text(100, 150));
  const result = await once(put('elsewhere.gz', gzipSync(readFileSync(at('eve.json')))));
  expect(result).toMatchObject({ already_there_lines: 100 });
  expect(ledger.texts()).toEqual(lines(0, 150));
  ledger.crash();
  appendFileSync(at('eve.json'), text(150, 160));
  const again = new Stepper(ledger, [at('eve.json*')]).begin();
  await again.step(3);
  ledger.commit();
  again.kill();
  expect(ledger.texts()).toEqual(lines(0, 160));
  expect(ledger.records.size).toBe(1);
});

it('leaves a file alone that a source of this process follows', async () => {
  put('eve.json', text(0, 100));
  await once(at('eve.json'));
  const { chunks } = ledger;
  appendFileSync(at('eve.json'), '{"half of a line');
  const result = await readOnce(at('eve.json'), claimed('eve.json'));
  expect(result).toMatchObject({ already_there_bytes: text(0, 100).length, problem: null });
  expect(ledger.chunks).toBe(chunks);
});

it('reads a file that a source holds open but does not read: too old for it, or there before it', async () => {
  put('eve.json', text(0, 100));
  await readOnce(at('eve.json'), claimed('eve.json'));
  ledger.commit();
  expect(ledger.texts()).toEqual(lines(0, 100));
});

it('waits for lines on their way into the store before it takes a shorter stream for something new', async () => {
  put('log', text(0, 500));
  await readOnce(at('log'), ledger.context('import'));
  const committed = setTimeout(() => ledger.commit(), 150);
  const result = await readOnce(stream(text(0, 300)), ledger.context('import'));
  clearTimeout(committed);
  ledger.commit();
  expect(result.already_there_lines).toBe(300);
  expect(ledger.texts()).toEqual(lines(0, 500));
});

function claimed(name: string): ReturnType<Ledger['context']> {
  const { dev, ino } = statSync(at(name));
  return { ...ledger.context('import'), claims: new Map([[`${dev}:${ino}`, 'file_tail:0']]) };
}

it('has a claim on the file while it reads it, so that no source takes it for a new content meanwhile', async () => {
  put('log', text(0, 1000));
  const { dev, ino } = statSync(at('log'));
  const claims = new Map<string, string>();
  const seen = new Set<string | undefined>();
  ledger.onChunk = () => void seen.add(claims.get(`${dev}:${ino}`));
  await readOnce(at('log'), { ...ledger.context('import'), claims });
  expect([...seen]).toEqual(['import']);
  expect(claims.size).toBe(0);
});

it('goes on where an interrupted import was committed', async () => {
  put('log', text(0, 5000));
  for (let round = 0; round < 3; round++) {
    const stop = new AbortController();
    let chunks = 0;
    ledger.onChunk = () => {
      if (++chunks === 4) stop.abort();
    };
    const result = once(at('log'), { signal: stop.signal });
    await expect(result).rejects.toThrow(VardeError);
    await expect(result).rejects.toMatchObject({ code: 'interrupted' });
    ledger.commit(2);
    ledger.crash();
  }
  ledger.onChunk = () => undefined;
  const result = await once(at('log'));
  expect(result.already_there_lines).toBeGreaterThan(100);
  expect(ledger.texts()).toEqual(lines(0, 5000));
});

it('an abort ends the wait for a stream that gives nothing', async () => {
  const stop = new AbortController();
  const silent = new Readable({ read: () => undefined });
  const result = once(silent, { signal: stop.signal });
  stop.abort();
  await expect(result).rejects.toMatchObject({ code: 'interrupted' });
});

it.each([
  ['gzip', (content: string) => gzipSync(content)],
  ['zstd', (content: string) => zstd(Buffer.from(content))],
])('a damaged %s: whole lines before the damage, then the reason; mended, the rest', async (_, pack) => {
  const whole = pack(text(0, 20_000));
  put('log', whole.subarray(0, Math.floor(whole.length * 0.6)));
  const result = await once(at('log'));
  expect(result.problem).toMatchObject({ code: 'source_broken' });
  const got = ledger.texts();
  expect(got.length).toBeGreaterThan(1000);
  expect(got).toEqual(lines(0, got.length));
  expect(await once(put('log', whole))).toMatchObject({ already_there_lines: got.length, problem: null });
  expect(ledger.texts()).toEqual(lines(0, 20_000));
  expect(await once(put('none', whole.subarray(0, 12)))).toMatchObject({ problem: { code: 'source_broken' } });
});

it('says why a file cannot be read', async () => {
  await expect(once(at('nope'))).rejects.toMatchObject({ code: 'import_failed' });
});

it('over-long lines are kept by their place', async () => {
  put('log', `${text(0, 5)}${'z'.repeat(9000)}\n${text(5, 8)}`);
  await once(at('log'), { max_line_bytes: 2000 });
  expect(ledger.oversize).toEqual([{ id: expect.any(String), offset: text(0, 5).length, length: 9000 }]);
  expect(ledger.texts()).toEqual(lines(0, 8));
});

it('a copy cut short by copytruncate is known by its stored lines', async () => {
  put('eve.json', text(0, 300));
  await once(at('eve.json'));
  copyFileSync(at('eve.json'), at('copy'));
  truncateSync(at('copy'), Buffer.byteLength(text(0, 200)) - 7);
  expect(await once(at('copy'))).toMatchObject({ already_there_lines: 200 });
  expect(ledger.texts()).toEqual(lines(0, 300));
});
