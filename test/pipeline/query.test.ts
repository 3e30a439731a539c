import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { seeded } from '../lab/pcap/random.ts';
import { socketPath } from '../../src/base/socket-path.ts';
import { until } from '../lab/wait.ts';
import { Daemon, DEADLINE_MS, Running, untilCommitted, varde } from './daemon.ts';
import { Ledger } from './ledger.ts';
import { makePlace } from './place.ts';

/** A statement that nobody lives to see the end of. */
const ENDLESS = 'SELECT count(*) FROM range(1000000000000) a, range(1000) b WHERE a.range % 7 = b.range';

it('counts and gives back the whole quarantine, byte for byte, with and without a station', async () => {
  const place = makePlace();
  const refused = Array.from({ length: 1500 }, (_, i) =>
    Buffer.concat([Buffer.from(`no json ${i} `), Buffer.from([0xff, 0x1b, 0xfe])]),
  );
  for (const line of refused) appendFileSync(place.eve, Buffer.concat([line, Buffer.from('\n')]));
  const daemon = await Daemon.ready(place);
  await untilCommitted(place, refused.length);
  const ask = async (...args: string[]): Promise<Buffer> => {
    const { code, stdout, stderr } = await varde(['query', '--quarantine', ...args, '-c', place.config]);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const check = async (): Promise<void> => {
    expect((await ask('--count')).toString()).toBe('1500\n');
    const json = (await ask('--json', '--limit', '0')).toString().trimEnd().split('\n');
    expect(json).toHaveLength(1500);
    expect(JSON.parse(json[0]!)).toMatchObject({ line_hex: refused.at(-1)!.toString('hex') });
    expect((await ask('--json')).toString().trimEnd().split('\n')).toHaveLength(100);
    const raw = await ask('--raw', '--limit', '0');
    const newestFirst = refused.toReversed().flatMap((line) => [line, Buffer.from('\n')]);
    expect(raw.equals(Buffer.concat(newestFirst))).toBe(true);
  };
  await check();
  await daemon.stop();
  await check();
});

it('ends a question at the first Ctrl-C, with and without a station', async () => {
  const place = makePlace();
  const ledger = new Ledger(seeded('interrupt'));
  writeFileSync(place.eve, ledger.some(50));
  const daemon = await Daemon.ready(place);
  await untilCommitted(place, ledger.lines);
  const interrupt = async (): Promise<void> => {
    const running = new Running(['query', '--sql', ENDLESS, '-c', place.config]);
    await until('it asks', async () => asks(running.child.pid!, socketPath(place.data)), DEADLINE_MS);
    const { code, signal, stderr } = await running.signal('SIGINT');
    expect([code, signal], stderr).toEqual([1, null]);
    expect(stderr).toContain('[query_cancelled]');
  };
  await interrupt();
  await daemon.stop();
  await interrupt();
});

/** Whether a question runs: here, with the engine loaded, or in the station, with a connection to its socket (proc(5), unix(7)). */
function asks(pid: number, socket: string): boolean {
  if (readFileSync(`/proc/${pid}/maps`, 'utf8').includes('duckdb')) return true;
  const ends = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .filter((line) => line.endsWith(` ${socket}`));
  return ends.length > 1;
}
