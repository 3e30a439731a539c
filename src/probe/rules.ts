import { createHash } from 'node:crypto';
import type { ProbePath } from '../config/schema.ts';
import { PROBES } from './probes.ts';
import { PROBE_KINDS, type ProbeKind } from './sent-probe.ts';
import { tokenPrefix } from './token.ts';

/** What rules are made from. */
export type RulePath = Pick<ProbePath, 'name' | 'kinds'> & Partial<ProbePath>;

/** Paths that can have numbers of their own. */
const SLOTS = 4096;
const KINDS = PROBE_KINDS.length;
/** Numbers of rules lie within this many from the base on. */
export const SID_SPAN = SLOTS * KINDS;

/**
 * The rule numbers of the configured paths and kinds.
 *
 * They come from the path's name and not from its place in the list: when a path goes, the rules that a sensor has loaded must not begin to
 * speak of other ones. Of two names that fall on the same place (they are tried in the order of the alphabet) the later takes the next free: its
 * numbers do change when the other one comes or goes ({@link movedPaths}).
 */
export function sidsOf(
  paths: readonly Pick<RulePath, 'name' | 'kinds'>[],
  sidBase: number,
): Map<number, { path: string; kind: ProbeKind }> {
  const slots = new Map<number, string>();
  const sids = new Map<number, { path: string; kind: ProbeKind }>();
  const sorted = paths.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, kinds } of sorted) {
    let slot = slotOf(name);
    while (slots.has(slot)) slot = (slot + 1) % SLOTS;
    slots.set(slot, name);
    for (const [i, kind] of PROBE_KINDS.entries())
      if (kinds.includes(kind)) sids.set(sidBase + slot * KINDS + i, { path: name, kind });
  }
  return sids;
}

/** Names of the paths that found the place of their name taken: their rules get other numbers when the paths before them change. */
export function movedPaths(paths: readonly Pick<RulePath, 'name' | 'kinds'>[]): string[] {
  const taken = new Map([...sidsOf(paths, 0)].map(([sid, { path }]) => [path, Math.floor(sid / KINDS)]));
  return [...taken].flatMap(([name, slot]) => (slot === slotOf(name) ? [] : [name]));
}

function slotOf(name: string): number {
  return createHash('sha256').update(name, 'utf8').digest().readUInt16BE(4) % SLOTS;
}

/**
 * Suricata rules, one for each path and kind, for Suricata 7 and 8 (all keywords are in both).
 *
 * Each looks for the letters that the tokens of its path and kind begin with, so it sees no other; the HMAC is checked by Varde.
 *
 * @param homeNet destination of the rules: `any`, `$HOME_NET` or another group of addresses
 */
export function probeRules(paths: readonly ProbePath[], sidBase: number, homeNet = 'any'): string {
  const byName = new Map(paths.map((path) => [path.name, path]));
  const lines: string[] = [];
  for (const [sid, { path, kind }] of sidsOf(paths, sidBase)) {
    const settings = byName.get(path);
    if (settings === undefined) continue;
    const probe = PROBES[kind];
    const { protocol, port, options } = probe.rule(tokenPrefix(path, kind), probe.port(settings));
    lines.push(
      `alert ${protocol} any any -> ${homeNet} ${port} (msg:"VARDE heartbeat ${path} ${kind}"; ${options} classtype:misc-activity; sid:${sid}; rev:1;)`,
    );
  }
  const head = '# Made by "varde probe rules"; make it again when paths or kinds change. For Suricata 7 and 8.';
  return `${[head, ...lines].join('\n')}\n`;
}
