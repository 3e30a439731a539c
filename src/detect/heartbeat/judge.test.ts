import { expect, it } from 'vitest';
import { ago, SOURCE, STATS, WELL, GONE, CEASED, STILL, error, FAILED } from '../testing/judge-facts.ts';
import { CAUSES } from './causes.ts';
import { causeOfError, judge, type JudgeFacts, type Verdict } from './judge.ts';
import { HOPS, type CauseCode, type HeartbeatState, type Hop } from './report.ts';

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
