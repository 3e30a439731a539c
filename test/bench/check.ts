import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Heart, HEART_PROBES } from '../lab/heart.ts';
import { hasCommand } from '../lab/packages.ts';
import type { Bench, Context } from './bench.ts';
import { runMeasured } from './child.ts';
import { median, ratioRow, type Row, show } from './report.ts';
import { RunningStation, stationFiles, VARDE } from './station.ts';

/** `check`: a monitoring plugin from its start to its exit, beside `node -e 0` and the shell check that people run today. */
export const check: Bench = {
  name: 'check',
  async run(context) {
    const files = stationFiles(context.place, 'check');
    const config = JSON.parse(readFileSync(files.config, 'utf8')) as object;
    writeFileSync(files.config, JSON.stringify({ ...config, probes: HEART_PROBES }));
    const eve = join(files.logs, 'eve.json');
    writeFileSync(eve, '');
    const station = await RunningStation.start(context.place, files);
    const heart = new Heart(files.data, eve);
    try {
      await untilAlive(context, files.data);
      return await measure(context, files.data);
    } finally {
      heart.stop();
      await station.stop();
    }
  },
};

/** The station must have seen a heartbeat: a check that fails is not what is measured. */
async function untilAlive(context: Context, data: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await runMeasured(context.place, [process.execPath, VARDE, 'check', 'heartbeat', '--data', data]);
      return;
    } catch (error) {
      if (tries >= 60) throw error;
      await pause(500);
    }
  }
}

async function measure(context: Context, data: string): ReturnType<Bench['run']> {
  const log = context.place.path('fast.log');
  const state = context.place.path('check-state.json');
  const offset = context.place.path('check-offset');
  const shell = context.place.path('check.sh');
  // The check of the recipe: a count since the last call.
  writeFileSync(
    shell,
    `#!/bin/sh\nn=$(logtail2 -f ${log} -o ${offset} | grep Heartbeat | wc -l)\nif [ "$n" -ge 1 ]; then echo "OK - $n heartbeats"; exit 0; else echo "CRITICAL - no heartbeat"; exit 2; fi\n`,
    { mode: 0o755 },
  );
  const commands: Record<string, string[]> = {
    node: [process.execPath, '-e', '0'],
    station: [process.execPath, VARDE, 'check', 'heartbeat', '--data', data],
    log: [process.execPath, VARDE, 'check', 'heartbeat', '--utc', '--fast-log', log, '--state', state],
    ...(hasCommand('logtail2') ? { shell: ['/bin/sh', shell] } : {}),
  };
  const took = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
  const times = context.quick ? 3 : 30;
  writeFileSync(log, '');
  for (let i = 0; i < times; i++) {
    context.tell(`check: ${i + 1} of ${times}`);
    // A minute of a busy sensor between two checks.
    writeFileSync(log, fastLines(1000), { flag: 'a' });
    // In turn, so that the machine's moods meet all of them.
    for (const [name, command] of Object.entries(commands))
      took
        .get(name)!
        .push(
          (await runMeasured(context.place, command, { env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` } }))
            .secs * 1000,
        );
  }
  const of = (name: string): number => median(took.get(name)!);
  const rows: Row[] = [
    ratioRow('`varde check heartbeat`, asking the station', of('station'), of('node'), show.millis, { atMost: 2.5 }),
    ratioRow('`varde check heartbeat --fast-log`, 1000 new lines', of('log'), of('node'), show.millis, { atMost: 2.5 }),
  ];
  const peer = took.get('shell');
  if (peer !== undefined)
    rows.push({
      measure: 'the same beside logtail2 + grep + wc, which counts only',
      varde: show.millis(of('log')),
      baseline: show.millis(median(peer)),
      ratio: `${(of('log') / median(peer)).toFixed(1)}×`,
    });
  return {
    name: 'check',
    title: 'Monitoring plugin',
    about: `Wall time of whole processes, median of ${times}, taken in turn; the base of the first two rows is \`node -e 0\`, of the third the shell check.`,
    rows,
  };
}

/** Lines of fast.log of this second, the last of them a heartbeat. */
function fastLines(count: number): string {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T([\d:.]+)Z$/.exec(new Date().toISOString())!;
  const start = `${month}/${day}/${year}-${time}000  [**] `;
  const end = '[**] [Classification: Misc activity] [Priority: 3] {ICMP} 192.0.2.1:8 -> 192.0.2.2:0\n';
  return `${`${start}[1:2100498:7] GPL ATTACK_RESPONSE id check returned root ${end}`.repeat(count - 1)}${start}[1:5100000:1] PROTOCOL-ICMP Heartbeat ping ${end}`;
}
