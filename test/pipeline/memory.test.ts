import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { getJson, streamLines, withParameters } from '../../src/cli/station-client.ts';
import { EveGenerator, writeLines } from '../bench/generate.ts';
import { pageQuestions } from '../bench/page-questions.ts';
import { Daemon, hasCommitted, totals, varde } from './daemon.ts';
import { memoryGroup, needs } from './obstacles.ts';
import { makePlace } from './place.ts';

const LINES = 300_000;
const LIMIT = 512 * 1024 * 1024;

it('stores 300,000 lines and answers every question of the page within 512 MB', async ({ skip }) => {
  const group = memoryGroup(LIMIT);
  needs(skip, group === null ? 'needs root and a version 1 memory cgroup' : null);
  const place = makePlace({ store: { flush_to_disk_secs: 300 } });
  const start = Date.now() - 3_600_000;
  writeLines(join(place.logs, 'eve.json.1'), new EveGenerator({ seed: 'memory', start, spacing: 10_000 }), LINES);
  const daemon = await Daemon.ready(place, { prefix: group!.prefix });

  const ask = async (path: string, parameters: Record<string, string>): Promise<void> => {
    if (path === '/api/events')
      for await (const line of streamLines(place.data, 'GET', withParameters(path, parameters)))
        expect(line.includes('"error"')).toBe(false);
    else await getJson(place.data, path, parameters);
  };
  const range = { from: (start - 60_000) * 1000, to: (Date.now() + 60_000) * 1000 };
  let rounds = 0;
  let done = false;
  do {
    done = await hasCommitted(place.data, LINES);
    const id = await newestAlert(place.data);
    if (id === null) {
      await pause(50);
      continue;
    }
    const questions = pageQuestions({ source: '192.168.0.10', flowEvent: id, flowId: '1', ...range });
    for (const { path, parameters } of questions)
      await ask(path, { ...parameters, from: String(range.from), to: String(range.to) });
    rounds++;
    expect(daemon.isOver, `it was killed: ${daemon.stderr.slice(-500)}`).toBe(false);
  } while (!done || rounds < 3);

  const books = totals(await daemon.status());
  expect(books).toEqual({ lines_read: LINES, events_stored: LINES, lines_quarantined: 0, in_flight: 0 });
  await daemon.stop();
  expect(group!.oomKills()).toBe(0);
  const counted = await varde(['query', '*', '--count', '--data', place.data]);
  expect(counted.stdout.toString().trim()).toBe(String(LINES));
  process.stdout.write(
    `memory: ${rounds} rounds of questions, group peak ${Math.round(group!.peak() / 1e6)} MB with page cache\n`,
  );
});

async function newestAlert(data: string): Promise<string | null> {
  for await (const line of streamLines(
    data,
    'GET',
    withParameters('/api/events', { q: 'event_type:alert', columns: 'event.action', limit: '1' }),
  )) {
    const { rows } = JSON.parse(line.toString()) as { rows?: { id: string }[] };
    if (rows !== undefined && rows.length > 0) return rows[0]!.id;
  }
  return null;
}
