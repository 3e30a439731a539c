/** Paths of an event, with array indexes folded: what a line shows that another does not. */
function paths(value: unknown, prefix: string, into: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) paths(item, `${prefix}[]`, into);
  else if (value !== null && typeof value === 'object')
    for (const [key, inner] of Object.entries(value)) paths(inner, `${prefix}.${key}`, into);
  else {
    into.add(`${prefix}:${value === null ? 'null' : typeof value}`);
    const key = /\.(\w+)$/.exec(prefix)?.[1] ?? '';
    if (TELLING.has(key)) into.add(`${prefix}=${String(value)}`);
  }
}

/** Keys whose values make an event another case, not only another example. */
const TELLING: ReadonlySet<string> = new Set([
  'version',
  'type',
  'rrtype',
  'rcode',
  'http_method',
  'status',
  'method',
  'command',
  'procedure',
  'dhcp_type',
  'event',
  'action',
  'reason',
  'state',
  'app_proto',
  'proto',
  'packet',
  'msg_type',
  'severity',
  'opcode',
  'completion_code',
]);

/** The heartbeat's alert is the one that everything else waits for: always shown. */
const ALWAYS = '"signature_id":5100000,';

/** How many lines of one event type make a fixture, and how long a line may be. */
const LINES = 4;
const MORE_LINES: Readonly<Record<string, number>> = { alert: 8, anomaly: 6, dns: 10, flow: 6, http: 6, stats: 1 };
const LONGEST = 9000;

/**
 * Chooses per event type the few lines that together show the most: greedily the line with the most paths not shown yet.
 * Some keys' values count as well (a DNS record type, a method).
 */
export function pickLines(lines: readonly string[]): Map<string, string[]> {
  const byType = new Map<string, { line: string; shows: Set<string> }[]>();
  for (const line of lines) {
    if (line.length > LONGEST && !line.includes('"event_type":"stats"')) continue;
    const event = JSON.parse(line) as Record<string, unknown>;
    const type = String(event['event_type']);
    const shows = new Set<string>();
    paths(event, '', shows);
    const list = byType.get(type) ?? [];
    byType.set(type, list);
    list.push({ line, shows });
  }
  const chosen = new Map<string, string[]>();
  for (const [type, candidates] of byType) {
    const seen = new Set<string>();
    const picked = new Set<string>();
    const limit = MORE_LINES[type] ?? LINES;
    const must = candidates.find((candidate) => type === 'alert' && candidate.line.includes(ALWAYS));
    if (must !== undefined) picked.add(must.line);
    for (const path of must?.shows ?? []) seen.add(path);
    while (picked.size < Math.min(limit, candidates.length)) {
      let best = candidates[0]!;
      let gain = 0;
      for (const candidate of candidates) {
        let fresh = 0;
        for (const path of candidate.shows) if (!seen.has(path)) fresh += 1;
        if (fresh > gain && !picked.has(candidate.line)) [best, gain] = [candidate, fresh];
      }
      if (gain === 0) break;
      picked.add(best.line);
      for (const path of best.shows) seen.add(path);
    }
    chosen.set(
      type,
      candidates.filter((candidate) => picked.has(candidate.line)).map((candidate) => candidate.line),
    );
  }
  return chosen;
}
