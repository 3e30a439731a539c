import { expect, it } from 'vitest';
import { CAUSES } from './causes.ts';
import type { SourceFacts } from './facts.ts';
import { causeOfError, judge, type JudgeFacts, type StatsFacts, type Verdict } from './judge.ts';
import { HOPS, type CauseCode, type HeartbeatState, type Hop } from './report.ts';

const NOW = 1_800_000_000_000;
const ago = (secs: number): number => NOW - secs * 1000;

const SOURCE: SourceFacts = {
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
const STATS: StatsFacts = {
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
const WELL: JudgeFacts = {
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
const GONE: JudgeFacts = {
  ...WELL,
  seen: { last: ago(26), arrived: ago(26), latency: 5, unstoredSince: null },
  missing: { overdue: 2, failed: 0 },
};
const CEASED: StatsFacts = {
  ...STATS,
  arrived: ago(30),
  overdue: true,
  ceased: true,
  packets: ago(30),
  decoded: ago(30),
  protocol: ago(30),
};
const STILL: StatsFacts = { ...STATS, packets: ago(28), decoded: ago(28), protocol: ago(28), alerts: ago(28) };
const NO_GROWTH = { last_line: ago(30), last_growth: ago(30) };
const error = (code: string) => ({ told: true, last: ago(3), error: { code, at: ago(3) } });
const FAILED = { overdue: 2, failed: 2 };

/** Per cause: the verdict, and the facts with it. */
const ROWS: Record<CauseCode, [HeartbeatState, Hop, JudgeFacts]> = {
  key_unusable: ['blind', 'sent', { ...WELL, keyProblem: 'mode 640' }],
  sender_stopped: [
    'blind',
    'sent',
    { ...GONE, sender: { ...WELL.sender, last: ago(26) }, missing: { overdue: 0, failed: 0 } },
  ],
  no_route: ['blind', 'sent', { ...GONE, sender: error('ENETUNREACH'), missing: FAILED }],
  send_refused: ['blind', 'sent', { ...GONE, sender: error('EPERM'), missing: FAILED }],
  target_absent: ['blind', 'sent', { ...GONE, sender: error('arp_unanswered'), missing: FAILED }],
  router_stopped: ['blind', 'captured', { ...GONE, stream: { last: ago(40), since: ago(4000) } }],
  mirror_down: ['blind', 'captured', { ...GONE, link: { name: 'span0', exists: true, up: false } }],
  mirror_silent: ['blind', 'captured', { ...GONE, stats: STILL, interface: { moved: ago(27), since: ago(3600) } }],
  suricata_stopped: ['blind', 'captured', { ...GONE, socket: { state: 'refused', problem: null, asked: ago(1) } }],
  payload_missing: ['blind', 'alerted', { ...GONE, unsigned: ago(12) }],
  suricata_hung: ['blind', 'captured', { ...GONE, socket: { state: 'silent', problem: null, asked: ago(1) } }],
  suricata_idle: ['blind', 'captured', { ...GONE, stats: STILL }],
  capture_drops: ['blind', 'captured', { ...GONE, stats: { ...STATS, drops: ago(4), drop_percent: 60 } }],
  invalid_checksums: [
    'blind',
    'decoded',
    { ...GONE, kind: 'http', siblings: ['icmp'], stats: { ...STATS, checksums: ago(4) } },
  ],
  rule_missing: ['blind', 'alerted', { ...GONE, rules: { loaded: 39, failed: 0 } }],
  rules_broken: ['blind', 'alerted', { ...GONE, rules: { loaded: 39, failed: 1 } }],
  rule_mismatch: ['blind', 'alerted', GONE],
  eve_off: [
    'blind',
    'alerted',
    { ...GONE, stats: CEASED, source: { ...SOURCE, last_line: ago(30), last_growth: ago(30) } },
  ],
  eve_buffered: ['late', 'alerted', { ...GONE, stats: { ...STATS, lumpy: true } }],
  log_full: [
    'blind',
    'alerted',
    { ...GONE, stats: CEASED, source: { ...SOURCE, free_bytes: 0, last_line: ago(30), last_growth: ago(30) } },
  ],
  log_unreadable: ['blind', 'read', { ...GONE, source: { ...SOURCE, state: 'unreadable', problem: 'EACCES' } }],
  log_missing: ['blind', 'read', { ...GONE, source: { ...SOURCE, state: 'missing' } }],
  reader_late: ['late', 'read', { ...GONE, source: { ...SOURCE, lag_bytes: 9000, lag_since: ago(20) } }],
  store_waiting: [
    'blind',
    'stored',
    { ...GONE, store: { waiting: { code: 'store_full', message: 'no room', since: ago(20) } } },
  ],
  clock_skew: ['late', 'read', { ...WELL, stats: { ...STATS, delay: { least: 600_000, most: 600_020, count: 3 } } }],
  kind_blind: ['blind', 'alerted', { ...GONE, kind: 'http', siblings: ['icmp', 'dns'] }],
  not_seen_yet: ['unknown', 'alerted', { ...GONE, watching: ago(5) }],
  not_seen: [
    'blind',
    'alerted',
    { ...GONE, stats: { ...STATS, arrived: null }, rules: null, rulesAlive: null, socket: null },
  ],
};

it.each(Object.entries(ROWS))('names %s, and its recovery', (cause, [state, hop, facts]) => {
  expect(judge(facts)).toEqual({ state, hop, cause });
  // The next probe comes and nothing speaks against it any more.
  expect(judge({ ...WELL, rules: facts.rules, rulesBefore: facts.rulesBefore })).toEqual<Verdict>({
    state: 'alive',
    hop: null,
    cause: null,
  });
});

it('has a sentence, a remedy and a hop for each cause', () => {
  expect(Object.keys(CAUSES).sort()).toEqual(Object.keys(ROWS).sort());
  for (const { hop, message, remedy } of Object.values(CAUSES)) {
    expect(HOPS).toContain(hop);
    expect(message).toMatch(/^[A-Z].{10,}\.$/s);
    expect(remedy).toMatch(/^[A-Z].{10,}\.$/s);
  }
});

const MORE: [string, JudgeFacts, Verdict][] = [
  [
    'others that are seen in time, but none since: their fate decides',
    { ...GONE, missing: { overdue: 2, failed: 0, since: ago(20) }, undecided: true },
    { state: 'late', hop: 'alerted', cause: 'not_seen_yet' },
  ],
  [
    'a command socket that has not answered since the loss: it is being asked',
    {
      ...GONE,
      missing: { overdue: 2, failed: 0, since: ago(16) },
      socket: { state: 'answers', problem: null, asked: ago(17) },
      stats: { ...STATS, arrived: ago(17) },
    },
    { state: 'late', hop: 'alerted', cause: 'not_seen_yet' },
  ],
  [
    'a command socket that has answered since the loss, and nothing else tells',
    {
      ...GONE,
      missing: { overdue: 2, failed: 0, since: ago(16) },
      socket: { state: 'answers', problem: null, asked: ago(15) },
      stats: { ...STATS, arrived: ago(17) },
    },
    { state: 'blind', hop: 'alerted', cause: 'not_seen' },
  ],
  [
    'one probe that is overdue',
    { ...GONE, missing: { overdue: 1, failed: 0 }, seen: { ...WELL.seen, last: ago(14) } },
    { state: 'late', hop: 'alerted', cause: 'rule_mismatch' },
  ],
  [
    'one probe that is overdue, and a link that is down',
    { ...GONE, missing: { overdue: 1, failed: 0 }, link: { name: 'x', exists: false, up: null } },
    { state: 'blind', hop: 'captured', cause: 'mirror_down' },
  ],
  [
    'Suricata stopped, with no socket to ask',
    { ...GONE, socket: null, stats: CEASED },
    { state: 'blind', hop: 'captured', cause: 'suricata_stopped' },
  ],
  [
    'Suricata stopped a moment ago, with no socket to ask: stats are late together with the probes',
    { ...GONE, socket: null, stats: { ...CEASED, arrived: ago(14), ceased: false } },
    { state: 'blind', hop: 'captured', cause: 'suricata_stopped' },
  ],
  [
    'stats that are late from a Suricata that drops packets',
    { ...GONE, socket: null, stats: { ...STATS, arrived: ago(14), overdue: true, drops: ago(14), drop_percent: 40 } },
    { state: 'blind', hop: 'captured', cause: 'capture_drops' },
  ],
  [
    'stats that are late while the command socket answers',
    { ...GONE, stats: { ...STATS, arrived: ago(14), overdue: true } },
    { state: 'blind', hop: 'alerted', cause: 'not_seen' },
  ],
  [
    'stats that have ceased, and a socket that answered only before',
    { ...GONE, stats: CEASED, socket: { state: 'answers', problem: null, asked: ago(31) } },
    { state: 'blind', hop: 'alerted', cause: 'not_seen' },
  ],
  [
    'a probe that is overdue while the log is being rotated',
    {
      ...GONE,
      missing: { overdue: 1, failed: 0 },
      seen: { ...WELL.seen, last: ago(14) },
      source: { ...SOURCE, state: 'missing', since: ago(1) },
    },
    { state: 'late', hop: 'alerted', cause: 'rule_mismatch' },
  ],
  [
    'a wrong clock just after the start: it may be a backlog',
    { ...WELL, watching: ago(5), stats: { ...STATS, delay: { least: 600_000, most: 600_020, count: 3 } } },
    { state: 'alive', hop: null, cause: null },
  ],
  [
    'a socket that never was there, while stats come',
    { ...GONE, socket: { state: 'absent', problem: null, asked: ago(1) }, socketAnswered: false },
    { state: 'blind', hop: 'alerted', cause: 'rule_mismatch' },
  ],
  [
    'a socket that was silent before the last stats event',
    { ...GONE, socket: { state: 'silent', problem: null, asked: ago(9) } },
    { state: 'blind', hop: 'alerted', cause: 'rule_mismatch' },
  ],
  [
    'a socket that was asked before the station stood still',
    {
      ...GONE,
      watching: ago(1),
      stats: { ...CEASED, ceased: false },
      socket: { state: 'silent', problem: null, asked: ago(29) },
    },
    { state: 'unknown', hop: 'alerted', cause: 'not_seen_yet' },
  ],
  [
    'a log folder that is full: the write that failed left a part of a line, which no reader is late with',
    {
      ...GONE,
      source: { ...SOURCE, free_bytes: 0, lag_bytes: 900, lag_since: ago(20), partial: true, ...NO_GROWTH },
    },
    { state: 'blind', hop: 'alerted', cause: 'log_full' },
  ],
  [
    'a log that ends in the middle of a line: it is written in blocks',
    { ...GONE, source: { ...SOURCE, lag_bytes: 900, lag_since: ago(20), partial: true } },
    { state: 'late', hop: 'alerted', cause: 'eve_buffered' },
  ],
  [
    'the same while lines come, late',
    {
      ...WELL,
      seen: { ...WELL.seen, latency: 4000 },
      source: { ...SOURCE, lag_bytes: 900, lag_since: ago(20), partial: true },
    },
    { state: 'late', hop: 'alerted', cause: 'eve_buffered' },
  ],
  [
    'a buffer that so many lines fill at once is no matter',
    { ...WELL, source: { ...SOURCE, lag_bytes: 900, lag_since: ago(20), partial: true } },
    { state: 'alive', hop: null, cause: null },
  ],
  [
    'stopped Suricata and an unreadable log: the earlier hop',
    { ...GONE, socket: { state: 'refused', problem: null, asked: ago(1) }, source: { ...SOURCE, state: 'unreadable' } },
    { state: 'blind', hop: 'captured', cause: 'suricata_stopped' },
  ],
  [
    'packets of other protocols only',
    { ...GONE, stats: { ...STATS, protocol: ago(40) } },
    { state: 'blind', hop: 'captured', cause: 'mirror_silent' },
  ],
  [
    'a reload five seconds ago',
    { ...GONE, lastReload: ago(5) },
    { state: 'late', hop: 'alerted', cause: 'not_seen_yet' },
  ],
  [
    'rules that were broken by a reload five seconds ago',
    { ...GONE, lastReload: ago(5), rules: { loaded: 30, failed: 2 } },
    { state: 'blind', hop: 'alerted', cause: 'rules_broken' },
  ],
  [
    'rules that have always been broken are not the cause',
    { ...GONE, rules: { loaded: 40, failed: 3 }, rulesAlive: { loaded: 40, failed: 3 } },
    { state: 'blind', hop: 'alerted', cause: 'rule_mismatch' },
  ],
  [
    'drops while probes come',
    { ...WELL, stats: { ...STATS, drops: ago(4), drop_percent: 30 } },
    { state: 'late', hop: 'captured', cause: 'capture_drops' },
  ],
  [
    'a renamed log that is still read',
    { ...WELL, source: { ...SOURCE, state: 'missing', since: ago(30) } },
    { state: 'late', hop: 'read', cause: 'log_missing' },
  ],
  [
    'a log that is being rotated',
    { ...WELL, source: { ...SOURCE, state: 'missing', since: ago(1) } },
    { state: 'alive', hop: null, cause: null },
  ],
  [
    'what is read but not stored',
    { ...WELL, seen: { ...WELL.seen, unstoredSince: ago(12) } },
    { state: 'late', hop: 'stored', cause: 'store_waiting' },
  ],
  [
    'what was read just before the station stood still, and is not stored yet',
    { ...WELL, watching: ago(0.5), seen: { ...WELL.seen, unstoredSince: ago(12) } },
    { state: 'alive', hop: null, cause: null },
  ],
  [
    'what is read but cannot be stored',
    {
      ...WELL,
      seen: { ...WELL.seen, unstoredSince: ago(1) },
      store: { waiting: { code: 'store_full', message: '', since: ago(1) } },
    },
    { state: 'blind', hop: 'stored', cause: 'store_waiting' },
  ],
  [
    'lines of the future: the sender whose clock is ahead',
    {
      ...GONE,
      sender: { told: false, last: null, error: null },
      missing: { overdue: 0, failed: 0 },
      clockHint: ago(4),
    },
    { state: 'blind', hop: 'read', cause: 'clock_skew' },
  ],
  [
    'a sender that has never said anything, and no line',
    {
      ...GONE,
      sender: { told: false, last: null, error: null },
      missing: { overdue: 0, failed: 0 },
      seen: { last: null, arrived: null, latency: null, unstoredSince: null },
    },
    { state: 'unknown', hop: 'alerted', cause: 'rule_mismatch' },
  ],
  [
    'a reader that is late for a quarter of an hour',
    { ...GONE, seen: { ...GONE.seen, last: ago(900) }, source: { ...SOURCE, lag_since: ago(900), lag_bytes: 9 } },
    { state: 'blind', hop: 'read', cause: 'reader_late' },
  ],
  [
    'a catch-up after a standstill: old lines are no wrong clock',
    { ...WELL, stats: { ...STATS, delay: { least: 20_000, most: 90_000, count: 3 } } },
    { state: 'alive', hop: null, cause: null },
  ],
  [
    'the station woke with its own sender asleep',
    {
      ...GONE,
      watching: ago(3),
      sender: { ...WELL.sender, last: ago(1800) },
      seen: { ...GONE.seen, last: ago(1800) },
      missing: { overdue: 0, failed: 0 },
    },
    { state: 'unknown', hop: 'sent', cause: 'not_seen_yet' },
  ],
  [
    'a sender that goes on after a while: its first probe is on its way',
    { ...GONE, sender: { ...WELL.sender, last: ago(1) }, missing: { overdue: 0, failed: 0 } },
    { state: 'unknown', hop: 'alerted', cause: 'not_seen_yet' },
  ],
  [
    'counters that are older than the first missing probe',
    { ...GONE, missing: { overdue: 2, failed: 0, since: ago(3.5) } },
    { state: 'blind', hop: 'alerted', cause: 'not_seen' },
  ],
  [
    'a probe that failed at the sender, but the next came',
    { ...WELL, sender: error('EPERM') },
    { state: 'alive', hop: null, cause: null },
  ],
];
it.each(MORE)('%s', (_, facts, expected) => {
  expect(judge(facts)).toEqual(expected);
});

it('knows the codes of the kernel', () => {
  expect(
    [
      'ENETUNREACH',
      'EHOSTUNREACH',
      'EAI_AGAIN',
      'arp_unanswered',
      'ETIMEDOUT',
      'EPERM',
      'ECONNREFUSED',
      '__proto__',
    ].map(causeOfError),
  ).toEqual([
    'no_route',
    'no_route',
    'no_route',
    'target_absent',
    'target_absent',
    'send_refused',
    'send_refused',
    'send_refused',
  ]);
});
