import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eveReader, fastReader, type LineReader } from './line.ts';
import { newestHeartbeat, type Newest } from './newest.ts';
import type { LogState } from './state.ts';

const SID = 5_100_000;
const EMPTY: LogState = { newest: null, files: [] };
/** Whole seconds, in the recent past: the files' own times are real. */
const BASE = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;

const stamp = (ms: number): string => new Date(ms).toISOString().replace('Z', '000+0000');
const beat = (ms: number, sid = SID): string =>
  `{"timestamp":"${stamp(ms)}","event_type":"alert","proto":"ICMP","alert":{"action":"allowed","gid":1,"signature_id":${sid},"rev":1,"signature":"x"}}\n`;
const other = (ms: number): string =>
  `{"timestamp":"${stamp(ms)}","event_type":"flow","proto":"TCP","pad":"${'x'.repeat(200)}"}\n`;

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varde-check-test-'));
  log = join(folder, 'eve.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const reader = eveReader([[SID, SID]], null);
const look = (state: LogState, since = BASE - 1, latest = Date.now(), by: LineReader = reader): Promise<Newest> =>
  newestHeartbeat(log, { reader: by, since, latest }, state);

describe('the newest heartbeat of a log', () => {
  it('is found from the end, over blocks, and remembered', async () => {
    writeFileSync(log, beat(BASE) + beat(BASE + 5000) + other(BASE + 6000).repeat(9000));
    const first = await look(EMPTY);
    expect(first.newest).toBe(BASE + 5000);
    appendFileSync(log, other(BASE + 7000));
    const second = await look(first.state);
    expect(second.newest).toBe(BASE + 5000);
    expect(second.state.files[0]!.offset).toBe(readFileSync(log).length);
  });

  it('is not read twice: what was looked through is passed over', async () => {
    writeFileSync(log, beat(BASE) + other(BASE + 1000).repeat(10));
    const { state } = await look(EMPTY);
    // A heartbeat that appears in the part already read would be a rewritten log: it does not count.
    writeFileSync(
      log,
      other(BASE + 1).slice(0, beat(BASE).length - 1) + '\n' + readFileSync(log, 'utf8').slice(beat(BASE).length),
    );
    expect((await look({ ...state, newest: null })).newest).toBeNull();
  });

  it('counts a line only once it is whole', async () => {
    const line = beat(BASE + 9000);
    writeFileSync(log, other(BASE) + line.slice(0, 60));
    const first = await look(EMPTY);
    expect(first.newest).toBeNull();
    appendFileSync(log, line.slice(60));
    expect((await look(first.state)).newest).toBe(BASE + 9000);
  });

  it.each([
    ['renamed', () => renameSync(log, `${log}.1`)],
    ['renamed and made anew', () => (renameSync(log, `${log}-20261124`), writeFileSync(log, ''))],
    ['renamed by its stem', () => renameSync(log, join(folder, 'eve-20261124.json'))],
    ['copied and truncated', () => (copyFileSync(log, `${log}.1`), truncateSync(log, 0))],
    [
      'copied, truncated, and grown again',
      () => (copyFileSync(log, `${log}.1`), writeFileSync(log, other(BASE + 9000).repeat(50))),
    ],
    ['packed', () => (writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(log))), rmSync(log))],
    [
      'packed, and the packing broke off',
      () => (writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(log)).subarray(0, -9)), renameSync(log, `${log}.1`)),
    ],
  ] as const)('survives that the log is %s between two checks', async (_, rotate) => {
    writeFileSync(log, beat(BASE) + other(BASE + 100));
    const first = await look(EMPTY);
    appendFileSync(log, beat(BASE + 8000) + other(BASE + 8100));
    rotate();
    const second = await look(first.state);
    expect(second.newest).toBe(BASE + 8000);
    // And without any memory.
    expect((await look(EMPTY)).newest).toBe(BASE + 8000);
  });

  it('is seen in the renamed log into which Suricata still writes, while a new one is there already', async () => {
    writeFileSync(log, beat(BASE));
    const first = await look(EMPTY);
    renameSync(log, `${log}.1`);
    writeFileSync(log, beat(BASE + 1000));
    appendFileSync(`${log}.1`, beat(BASE + 5000));
    expect((await look(first.state)).newest).toBe(BASE + 5000);
  });

  it('does not look into siblings that are too old, nor into those of others', async () => {
    writeFileSync(log, other(BASE));
    writeFileSync(`${log}.1`, beat(BASE + 1000));
    utimesSync(`${log}.1`, BASE / 1000 - 900, BASE / 1000 - 900);
    writeFileSync(join(folder, 'events.json'), beat(BASE + 2000));
    writeFileSync(join(folder, 'eve.json.2.xz'), beat(BASE + 3000));
    expect((await look(EMPTY)).newest).toBeNull();
  });

  it('lets nothing of the future count, in the log or remembered', async () => {
    const ahead = Date.now() + 3_600_000;
    writeFileSync(log, beat(BASE) + beat(ahead));
    const found = await look(EMPTY);
    expect(found).toMatchObject({ newest: BASE, future: 1 });
    expect((await look({ newest: ahead, files: [] })).newest).toBe(BASE);
  });

  it('says when the log is missing, and throws what is worse', async () => {
    expect(await look(EMPTY)).toMatchObject({ missing: true, looked: [], newest: null });
    log = folder;
    await expect(look(EMPTY)).rejects.toThrow();
  });

  it('is the true one after any order of writing, rotating and checking', async () => {
    const act = fc.constantFrom('beat', 'other', 'rename', 'recreate', 'copytruncate', 'gzip', 'check', 'forget');
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
        const own = mkdtempSync(join(folder, 'run-'));
        log = join(own, 'eve.json');
        let [now, newest, number]: [number, number | null, number] = [BASE, null, 0];
        let state = EMPTY;
        writeFileSync(log, '');
        for (const name of [...acts, 'check']) {
          now += 1000;
          if (name === 'beat') {
            appendFileSync(log, beat(now));
            newest = now;
          } else if (name === 'other') appendFileSync(log, other(now));
          else if (name === 'rename') renameSync(log, `${log}.${++number}`);
          else if (name === 'recreate') {
            renameSync(log, `${log}.${++number}`);
          } else if (name === 'copytruncate') {
            copyFileSync(log, `${log}.${++number}`);
            truncateSync(log, 0);
          } else if (name === 'gzip') {
            writeFileSync(`${log}.${++number}.gz`, gzipSync(readFileSync(log)));
            truncateSync(log, 0);
          } else if (name === 'forget') state = EMPTY;
          else {
            const found = await look(state);
            expect(found.newest).toBe(newest);
            state = found.state;
          }
          // After a bare rename the log is missing until somebody writes.
          if (name === 'recreate') writeFileSync(log, '');
          else if (name === 'rename') appendFileSync(log, '');
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a line', () => {
  const now = Date.UTC(2026, 10, 24, 3, 0, 0);
  const FAST =
    '11/24/2026-02:26:05.818575  [**] [1:5100000:1] PROTOCOL-ICMP Heartbeat ping [**] [Classification: Misc activity] [Priority: 3] {ICMP} 192.0.2.1:8 -> 192.0.2.2:0';
  const fast = fastReader([[SID, SID]], true, now);

  it('of fast.log is a heartbeat by its sid, at its own place', () => {
    expect(fast.heartbeat(FAST)).toBe(Date.UTC(2026, 10, 24, 2, 26, 5, 818));
    expect(fast.time(FAST)).toBe(Date.UTC(2026, 10, 24, 2, 26, 5, 818));
    expect(
      fast.heartbeat(
        FAST.replace('[1:5100000:1]', '[1:2100498:7]').replace('Heartbeat', '[**] [1:5100000:1] Heartbeat'),
      ),
    ).toBeNull();
    expect(fast.heartbeat(FAST.replace('[1:', '[116:'))).toBeNull();
    expect(fast.heartbeat(` ${FAST}`)).toBeNull();
  });

  it('of eve.json is a heartbeat only as an alert of that rule', () => {
    expect(reader.heartbeat(beat(BASE).trim())).toBe(BASE);
    for (const line of [
      beat(BASE, 1),
      beat(BASE).replace('"gid":1', '"gid":3'),
      beat(BASE).replace('"event_type":"alert"', '"event_type":"http"'),
      `{"timestamp":"${stamp(BASE)}","event_type":"http","http":{"url":"/\\"alert\\":{\\"signature_id\\":5100000}"},"signature_id":5100000}`,
      `{"timestamp":"${stamp(BASE)}","event_type":"alert","alert":{"signature_id":"5100000"}}`,
      beat(BASE).slice(0, -5),
    ])
      expect(reader.heartbeat(line.trim())).toBeNull();
  });

  it('with a token is as old as its signature', () => {
    const signed = eveReader([[SID, SID]], () => BASE - 86_400_000);
    expect(signed.heartbeat(beat(BASE).trim())).toBe(BASE - 86_400_000);
    expect(eveReader([[SID, SID]], () => null).heartbeat(beat(BASE).trim())).toBeNull();
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(fast.heartbeat(text)).toBeNull();
        expect(reader.heartbeat(text)).toBeNull();
        expect(
          reader.heartbeat(
            `{"timestamp":"2026","alert":{"signature_id":5100000,"x":${JSON.stringify(text)}},"event_type":"alert"}`,
          ),
        ).toBeNull();
      }),
    );
  });
});
