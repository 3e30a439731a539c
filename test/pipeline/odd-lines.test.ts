import { appendFileSync, createReadStream, createWriteStream, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seeded } from '../lab/pcap/random.ts';
import { Daemon, totals, untilCommitted, varde } from './daemon.ts';
import { Ledger, NOTHING_DIFFERS, splitLines } from './ledger.ts';
import { makePlace, type Place } from './place.ts';

const HEAD = '{"timestamp":"2026-11-24T02:26:05.818575+0000","event_type":"dns","src_ip":"192.0.2.1"';
const LIMIT = 16 * 1024 * 1024;

/** Lets the station read the lines, then gives back what it stored, byte for byte, and what it refused. */
async function through(
  place: Place,
  lines: readonly (string | Buffer)[],
): Promise<{ stored: Buffer[]; refused: { code: string; line: string | null; length: number }[] }> {
  for (const line of lines) appendFileSync(place.eve, Buffer.concat([Buffer.from(line), Buffer.from('\n')]));
  const daemon = await Daemon.ready(place);
  await untilCommitted(place, lines.length);
  expect(totals(await daemon.status()).lines_read).toBe(lines.length);
  await daemon.stop();
  const raw = await varde(['query', '*', '--raw', '--limit', '0', '--oldest-first', '--data', place.data]);
  expect(raw.code, raw.stderr).toBe(0);
  const quarantine = await varde(['query', '--quarantine', '--json', '--limit', '0', '--data', place.data]);
  expect(quarantine.code, quarantine.stderr).toBe(0);
  return {
    stored: splitLines(raw.stdout),
    refused: splitLines(quarantine.stdout).map((line) => JSON.parse(line.toString()) as never),
  };
}

/** Every line is in one of the two, with its own bytes. */
function expectAll(lines: readonly (string | Buffer)[], got: Awaited<ReturnType<typeof through>>): void {
  const have = new Set(got.stored.map((line) => line.toString('latin1')));
  let refused = 0;
  for (const line of lines) if (!have.has(Buffer.from(line).toString('latin1'))) refused++;
  expect(got.stored.length + got.refused.length).toBe(lines.length);
  expect(got.refused.length).toBe(refused);
}

it('keeps strange but valid lines as events, byte for byte', async () => {
  const valid: (string | Buffer)[] = [
    `${HEAD},"smb":{"session_id":18446744073709551489}}`,
    `${HEAD},"ike":{"sa_life_duration":1,"sa_life_duration":2}}`,
    `{"timestamp":"2023-12-08T01:42:11.1011041+0000","event_type":"stats"}`,
    `${HEAD},"http":{"url":"/\\u0000\\u0001","http_method":"\\u0000"}}`,
    `${HEAD},"dns":{"rrname":"\\\\xff\\\\xfe.home.test"}}`,
    `${HEAD},"__proto__":{"polluted":true},"constructor":{"prototype":{"x":1}}}`,
    `${HEAD},"ftp-data":{"a.b":{"c.d":1}},"":{"":""}}`,
    `${HEAD},"tls":{"subject":"CN=blåbær 日本語 \u{1F600}"}}`,
    `  ${HEAD} , "padded" : [ 1 , 2 ] }  `,
    `${HEAD},"src_port":"not a port","dest_port":99999,"flow_id":-1,"proto":{"a":1}}`,
    `${HEAD},"lone":"\\ud800"}`,
    `${HEAD},"text":"${'x'.repeat(1_000_000)}"}`,
  ];
  const got = await through(makePlace(), valid);
  expectAll(valid, got);
  expect(got.refused.map(({ code }) => code)).toEqual([]);
});

it('keeps what is no event in the quarantine, and goes on behind it', async () => {
  const odd: (string | Buffer)[] = [
    'null',
    '[1]',
    '42',
    '"text"',
    '{',
    `${HEAD}`,
    '{"event_type":"dns"}',
    '{"timestamp":"yesterday","event_type":"dns"}',
    '{"timestamp":17,"event_type":"dns"}',
    Buffer.from('\u0000\u0000\u0000'),
    Buffer.from([0xff, 0xfe, 0x80]),
    'Nov 24 02:26:05 sensor suricata[1]: this is syslog',
    '',
    `${HEAD}}`,
  ];
  const got = await through(makePlace(), odd);
  expectAll(odd, got);
  expect(got.stored.map(String)).toContain(`${HEAD}}`);
  expect(got.refused.length).toBe(odd.length - 1);
});

it('keeps deep and wide lines: 10,000 levels, 100,000 keys', async () => {
  const depth = 10_000;
  const lines = [
    `${HEAD},"deep":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    `${HEAD},"deep":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
    `${HEAD},${Array.from({ length: 100_000 }, (_, i) => `"key${i}":${i}`).join(',')}}`,
    '['.repeat(1_000_000),
    `${HEAD},"last":true}`,
  ];
  const place = makePlace();
  const got = await through(place, lines);
  expectAll(lines, got);
  expect(got.stored.map(String)).toContain(lines[4]);
  // They can also be looked at.
  const documents = await varde(['query', '*', '--json', '--data', place.data]);
  expect(documents.code, documents.stderr).toBe(0);
});

it('keeps a line of 16 MiB whole, and of a longer one its place', async () => {
  const place = makePlace();
  const body = (length: number): string => `${HEAD},"text":"${'y'.repeat(length - HEAD.length - 11)}"}`;
  const file = createWriteStream(place.eve);
  const longest = body(LIMIT);
  for (const text of [
    `${longest}\n`,
    `${body(LIMIT + 1)}\n`,
    `${HEAD},"after":1}\n`,
    `${body(3 * LIMIT)}\n`,
    `${HEAD},"end":1}\n`,
  ]) {
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  const daemon = await Daemon.ready(place);
  await untilCommitted(place, 5);
  await daemon.stop();
  const raw = await varde(['query', '*', '--raw', '--limit', '0', '--data', place.data]);
  const stored = splitLines(raw.stdout);
  const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
  expect(new Set(stored.map(hash))).toEqual(new Set([longest, `${HEAD},"after":1}`, `${HEAD},"end":1}`].map(hash)));
  const quarantine = await varde(['query', '--quarantine', '--json', '--limit', '0', '--data', place.data]);
  const refused = splitLines(quarantine.stdout).map(
    (line) => JSON.parse(line.toString()) as { code: string; offset: number; length: number; line: null },
  );
  expect(refused.toSorted((a, b) => a.offset - b.offset)).toMatchObject([
    { code: 'line_too_long', offset: LIMIT + 1, length: LIMIT + 1, line: null },
    { code: 'line_too_long', length: 3 * LIMIT, line: null },
  ]);
});

it('loses through one per cent of garbage nothing but the garbage', async () => {
  const place = makePlace();
  const ledger = new Ledger(seeded('garbage'));
  const parts: Buffer[] = [];
  for (let i = 0; i < 20_000; i++) parts.push(i % 100 === 0 ? ledger.rubbish() : ledger.event(40));
  writeFileSync(join(place.logs, 'eve.json.1'), Buffer.concat(parts));
  const daemon = await Daemon.ready(place);
  await untilCommitted(place, ledger.lines);
  expect(totals(await daemon.status())).toEqual({
    lines_read: 20_000,
    events_stored: 19_800,
    lines_quarantined: 200,
    in_flight: 0,
  });
  await daemon.stop();
  expect(await ledger.compare(place.data)).toEqual(NOTHING_DIFFERS);
});

it('reads CRLF lines and a last line without newline', async () => {
  const place = makePlace();
  const lines = [`${HEAD},"n":1}`, `${HEAD},"n":2}`];
  writeFileSync(place.eve, `${lines[0]}\r\n${lines[1]}`);
  const daemon = await Daemon.ready(place);
  await untilCommitted(place, 1);
  expect(totals(await daemon.status()).lines_read).toBe(1);
  appendFileSync(place.eve, '\n');
  await untilCommitted(place, 2);
  await daemon.stop();
  const raw = await varde(['query', '*', '--raw', '--oldest-first', '--data', place.data]);
  const got = splitLines(raw.stdout).map((line) => line.toString().replace(/\r$/, ''));
  expect(got.toSorted()).toEqual(lines);
  // The file is the truth: what the store gives back stands in it.
  let text = '';
  for await (const part of createReadStream(place.eve)) text += String(part);
  for (const line of splitLines(raw.stdout)) expect(text).toContain(line.toString());
});

it('a run of blank and of one-byte lines needs no large memory: each is counted and kept', async () => {
  const place = makePlace();
  const [blank, single, events] = [400_000, 200_000, 50];
  const ledger = new Ledger(seeded('blank'));
  appendFileSync(place.eve, '\n'.repeat(blank) + 'x\n'.repeat(single));
  for (let i = 0; i < events; i++) appendFileSync(place.eve, ledger.event());
  // As objects all at once they would take 150 MB.
  const daemon = await Daemon.ready(place, { env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=96' } });
  await untilCommitted(place, blank + single + events);
  expect(totals(await daemon.status())).toEqual({
    lines_read: blank + single + events,
    events_stored: events,
    lines_quarantined: blank + single,
    in_flight: 0,
  });
  await daemon.stop();
});
