import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZOO, zoo, type Ingredients } from './day/zoo.ts';
import { byTime, writePcap } from './pcap/file.ts';
import type { Packet } from './pcap/frame.ts';
import { seeded } from './pcap/random.ts';
import { pickLines } from './pick.ts';
import { DROP_RULES, LAB_RULES } from './rules.ts';
import { readWithSuricata, type SuricataProgram } from './suricata.ts';

/** 2026-01-15 09:00 UTC in microseconds: when the zoo opens. */
const OPENING = Date.UTC(2026, 0, 15, 9) * 1000;

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}

/** Lets one Suricata read the packets twice, once as a watcher and once as if it stood in the way; gives all lines. */
async function observe(program: SuricataProgram, pcap: string, work: string): Promise<{ eve: string[]; fast: string[] }> {
  const watched = await readWithSuricata({ program, folder: join(work, `watch${program.major}`), everything: true }, pcap);
  const inline = { program, folder: join(work, `inline${program.major}`), rules: [...LAB_RULES, ...DROP_RULES], extra: ['--simulate-ips'] };
  const blocked = await readWithSuricata(inline, pcap);
  const drops = linesOf(join(blocked, 'eve.json')).filter((line) => /"event_type":"drop"|"action":"blocked"/.test(line));
  return { eve: [...linesOf(join(watched, 'eve.json')), ...drops], fast: linesOf(join(watched, 'fast.log')) };
}

/** Every n-th line, so that `count` lines stand for the whole file. */
function spread(lines: readonly string[], count: number): string[] {
  const byRule = new Map<string, string>();
  for (const line of lines) byRule.set(/\[\d+:\d+:\d+\]/.exec(line)?.[0] ?? line, line);
  const varied = [...byRule.values()];
  const step = Math.max(1, varied.length / count);
  return Array.from({ length: Math.min(count, varied.length) }, (_, index) => varied[Math.floor(index * step)]!);
}

/** Writes the parsers' fixtures: per event type of Suricata 7 and 8 the lines that show the most. */
export async function makeFixtures(programs: readonly SuricataProgram[], found: Ingredients, more: readonly Packet[], work: string, parse: string): Promise<string[]> {
  const packets = byTime([...zoo(OPENING, 20e6, seeded('zoo'), found), ...more]);
  mkdirSync(work, { recursive: true });
  const pcap = join(work, 'zoo.pcap');
  writeFileSync(pcap, writePcap(packets));
  const report = [`${Object.keys(ZOO).length} scenes, ${packets.length} packets`];
  for (const program of programs) {
    const { eve, fast } = await observe(program, pcap, work);
    const folder = join(parse, 'suricata-eve/fixtures', `v${program.major}`);
    mkdirSync(folder, { recursive: true });
    const chosen = pickLines(eve);
    for (const [type, lines] of chosen) writeFileSync(join(folder, `${type}.log`), `${lines.join('\n')}\n`);
    report.push(`Suricata ${program.major}: ${[...chosen].map(([type, lines]) => `${type} ${lines.length}`).sort().join(', ')}`);
    if (program.major !== 7) continue;
    mkdirSync(join(parse, 'suricata-fast/fixtures'), { recursive: true });
    writeFileSync(join(parse, 'suricata-fast/fixtures/day.log'), `${spread(fast, 12).join('\n')}\n`);
  }
  return report;
}
