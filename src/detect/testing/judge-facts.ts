import type { SourceFacts } from '../heartbeat/facts.ts';
import type { JudgeFacts, StatsFacts } from '../heartbeat/judge.ts';

export const NOW = 1_800_000_000_000;
export const ago = (secs: number): number => NOW - secs * 1000;

export const SOURCE: SourceFacts = {
  path: '/var/log/suricata/eve.json',
  state: 'readable',
  since: ago(3600),
  problem: null,
  lag_bytes: 0,
  lag_since: null,
  partial: false,
  last_line: ago(2),
  last_growth: ago(2),
  free_bytes: 1e9,
};
export const STATS: StatsFacts = {
  arrived: ago(4),
  interval: 8000,
  overdue: false,
  ceased: false,
  since: ago(3600),
  packets: ago(4),
  decoded: ago(4),
  protocol: ago(4),
  alerts: ago(4),
  checksums: null,
  drops: null,
  drop_percent: 0,
  delay: { least: 1, most: 9, count: 3 },
  lumpy: false,
};
/** All is well: the newest probe was sent 4 s ago and came. */
export const WELL: JudgeFacts = {
  now: NOW,
  kind: 'icmp',
  keyProblem: null,
  interval: 10_000,
  longest: 11_000,
  watching: ago(3600),
  sender: { told: true, last: ago(4), error: null },
  seen: { last: ago(4), arrived: ago(4), latency: 5, unstoredSince: null },
  missing: { overdue: 0, failed: 0 },
  clockHint: null,
  unsigned: null,
  source: SOURCE,
  store: { waiting: null },
  link: { name: 'span0', exists: true, up: true },
  interface: { moved: ago(1), since: ago(3600) },
  socket: { state: 'answers', problem: null, asked: ago(1) },
  socketAnswered: true,
  socketMoved: ago(4),
  stats: STATS,
  rules: { loaded: 40, failed: 0 },
  rulesBefore: null,
  rulesAlive: { loaded: 40, failed: 0 },
  lastReload: ago(7200),
  siblings: [],
};
/** Two probes are missing: the newest that came was sent 26 s ago. */
export const GONE: JudgeFacts = {
  ...WELL,
  seen: { last: ago(26), arrived: ago(26), latency: 5, unstoredSince: null },
  missing: { overdue: 2, failed: 0 },
};
export const CEASED: StatsFacts = {
  ...STATS,
  arrived: ago(30),
  overdue: true,
  ceased: true,
  packets: ago(30),
  decoded: ago(30),
  protocol: ago(30),
};
export const STILL: StatsFacts = { ...STATS, packets: ago(28), decoded: ago(28), protocol: ago(28), alerts: ago(28) };
export const NO_GROWTH = { last_line: ago(30), last_growth: ago(30) };
export const error = (code: string) => ({ told: true, last: ago(3), error: { code, at: ago(3) } });
export const FAILED = { overdue: 2, failed: 2 };
