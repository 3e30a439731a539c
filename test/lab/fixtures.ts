import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wholeDay } from './day/day.ts';
import { withinParts } from './day/rhythm.ts';
import type { Ingredients } from './day/zoo.ts';
import { writePcap } from './pcap/file.ts';
import { pickLines } from './pick.ts';
import { DROP_RULES, LAB_RULES } from './rules.ts';
import { readWithSuricata, type SuricataProgram } from './suricata.ts';

/** Parts of the day in which, together, everything happens once: the zoo, broken packets, letters, leases, intruders, odd names. */
const PARTS = [
  ['03:20', '03:24'],
  ['06:20', '07:20'],
  ['09:05', '10:25'],
  ['11:19', '11:30'],
  ['12:02', '12:05'],
  ['14:12', '14:16'],
  ['19:30', '19:33'],
  ['22:12', '22:15'],
] as const;

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}

/** Lets one Suricata read the packets twice, once as a watcher and once as if it stood in the way; gives all lines. */
async function observe(
  program: SuricataProgram,
  pcap: string,
  work: string,
): Promise<{ eve: string[]; fast: string[] }> {
  const watched = await readWithSuricata(
    { program, folder: join(work, `watch${program.major}`), everything: true },
    pcap,
  );
  const inline = {
    program,
    folder: join(work, `inline${program.major}`),
    rules: [...LAB_RULES, ...DROP_RULES],
    extra: ['--simulate-ips'],
  };
  const blocked = await readWithSuricata(inline, pcap);
  const drops = linesOf(join(blocked, 'eve.json')).filter((line) =>
    /"event_type":"drop"|"action":"blocked"/.test(line),
  );
  return {
    eve: [...linesOf(join(watched, 'eve.json')), ...drops],
    fast: [...linesOf(join(watched, 'fast.log')), ...linesOf(join(blocked, 'fast.log'))],
  };
}

/** Shapes that a line of fast.log can have; each must be among the chosen. */
const FAST_SHAPES: readonly RegExp[] = [
  /\{ICMP\}/,
  /\{IPv6-ICMP\}/,
  /\{UDP\} [0-9a-f]+:[0-9a-f:]+ ->/,
  /\{TCP\} [0-9a-f]+:[0-9a-f:]+ ->/,
  /Raw pkt/,
  /\[Drop\]/,
  /\[wDrop\]/,
  /Priority: 4/,
];

/** `count` lines of fast.log in their order: one of each shape, then one of each rule, taken from all over. */
function varied(lines: readonly string[], count: number): string[] {
  const chosen = new Set<string>();
  for (const shape of FAST_SHAPES) {
    const found = lines.find((line) => shape.test(line));
    if (found !== undefined) chosen.add(found);
  }
  const sid = (line: string): string => /\[\d+:(\d+):\d+\]/.exec(line)?.[1] ?? '';
  const known = new Set([...chosen].map(sid));
  const others = [...new Map(lines.filter((line) => !known.has(sid(line))).map((line) => [sid(line), line])).values()];
  const step = others.length / Math.max(1, count - chosen.size);
  for (let at = 0; Math.floor(at) < others.length && chosen.size < count; at += step)
    chosen.add(others[Math.floor(at)]!);
  return [...chosen].sort();
}

/** Writes the parsers' fixtures: per event type of Suricata 7 and 8 the lines that show the most. */
export async function makeFixtures(
  programs: readonly SuricataProgram[],
  found: Ingredients,
  work: string,
  parse: string,
): Promise<string[]> {
  const packets = wholeDay('varde', found).filter((packet) => withinParts(packet.time, PARTS));
  mkdirSync(work, { recursive: true });
  const pcap = join(work, 'parts.pcap');
  writeFileSync(pcap, writePcap(packets));
  const report = [`${packets.length} packets`];
  for (const program of programs) {
    const { eve, fast } = await observe(program, pcap, work);
    const folder = join(parse, 'suricata-eve/fixtures', `v${program.major}`);
    mkdirSync(folder, { recursive: true });
    const chosen = pickLines(eve);
    for (const [type, lines] of chosen) writeFileSync(join(folder, `${type}.log`), `${lines.join('\n')}\n`);
    report.push(
      `Suricata ${program.major}: ${[...chosen]
        .map(([type, lines]) => `${type} ${lines.length}`)
        .sort()
        .join(', ')}`,
    );
    if (program.major !== 7) continue;
    mkdirSync(join(parse, 'suricata-fast/fixtures'), { recursive: true });
    writeFileSync(join(parse, 'suricata-fast/fixtures/day.log'), `${varied(fast, 14).join('\n')}\n`);
  }
  return report;
}
