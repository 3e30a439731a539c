import { expect, it } from 'vitest';
import { ago, SOURCE, STATS, WELL, GONE, CEASED, NO_GROWTH, error } from '../testing/judge-facts.ts';
import { judge, type JudgeFacts, type Verdict } from './judge.ts';

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
      missing: { overdue: 4, failed: 0, since: ago(11) },
      socket: { state: 'answers', problem: null, asked: ago(12) },
      stats: { ...STATS, arrived: null },
    },
    { state: 'late', hop: 'alerted', cause: 'not_seen_yet' },
  ],
  [
    'a command socket that is not asked any more',
    {
      ...GONE,
      missing: { overdue: 4, failed: 0, since: ago(13) },
      socket: { state: 'answers', problem: null, asked: ago(14) },
      stats: { ...STATS, arrived: null },
    },
    { state: 'blind', hop: 'alerted', cause: 'not_seen' },
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
    { ...GONE, socket: null, stats: CEASED, source: { ...SOURCE, ...NO_GROWTH } },
    { state: 'blind', hop: 'captured', cause: 'suricata_stopped' },
  ],
  [
    'Suricata stopped a moment ago, with no socket to ask: stats are late together with the probes',
    {
      ...GONE,
      socket: null,
      stats: { ...CEASED, arrived: ago(14), ceased: false },
      source: { ...SOURCE, ...NO_GROWTH },
    },
    { state: 'blind', hop: 'captured', cause: 'suricata_stopped' },
  ],
  [
    'the same with a log that others write too',
    {
      ...GONE,
      socket: null,
      stats: { ...CEASED, arrived: ago(14), ceased: false },
      source: { ...SOURCE, shared: true },
    },
    { state: 'blind', hop: 'captured', cause: 'suricata_stopped' },
  ],
  [
    'stats that were switched off, while the log goes on: nothing says that Suricata stopped',
    { ...GONE, socket: null, stats: CEASED },
    { state: 'blind', hop: 'alerted', cause: 'not_seen' },
  ],
  [
    'stats that were switched off, while another kind comes',
    { ...GONE, socket: null, stats: CEASED, source: { ...SOURCE, shared: true }, siblings: ['dns'] },
    { state: 'blind', hop: 'alerted', cause: 'kind_blind' },
  ],
  [
    'stats that were switched off long ago, and one probe that is lost',
    { ...GONE, socket: null, stats: CEASED, missing: { overdue: 1, failed: 0 }, seen: { ...WELL.seen, last: ago(14) } },
    { state: 'late', hop: 'alerted', cause: 'not_seen' },
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
    { state: 'late', hop: 'alerted', cause: 'not_seen_yet' },
  ],
  [
    'counters that are older than the first missing probe, for longer than they are waited for',
    { ...GONE, missing: { overdue: 2, failed: 0, since: ago(16) }, stats: { ...STATS, arrived: ago(17) } },
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
