import type { ProbeKind } from '../../probe/sent-probe.ts';
import { DROP_WARN_PERCENT, SKEW_LIMIT_MS } from '../sensor-health/problems.ts';
import type { StoreFacts, SocketFacts, SourceFacts, StreamFacts } from './facts.ts';
import { CAUSES } from './causes.ts';
import type { CauseCode, HeartbeatState, Hop } from './report.ts';

/** Everything the verdict on one path and kind rests on. Times are milliseconds since the epoch by the station's clock. */
export interface JudgeFacts {
  now: number;
  kind: ProbeKind;
  /** Why the key cannot be used; null where it can. */
  keyProblem: string | null;
  /** Interval, and the longest time between two probes (with jitter). */
  interval: number;
  longest: number;
  /** Since when the station has been watching without a break (started, or woke from a standstill). */
  watching: number;
  sender: {
    /** It reports what it sends. */
    told: boolean;
    last: number | null;
    error: { code: string; at: number } | null;
  };
  /** Newest probe that came through: when it was sent, when its line came; since when something that was read is not stored. */
  seen: { last: number | null; arrived: number | null; latency: number | null; unstoredSince: number | null };
  /** Due and not seen, counted from the newest back; how many of them failed at the sender; when the first and the last of them were sent. */
  missing: { overdue: number; failed: number; since?: number | null; newest?: number | null };
  /** When a line last showed that the sender's clock is wrong. */
  clockHint: number | null;
  /** When the newest alert was captured that fits but shows no token, on a path whose alerts did. */
  unsigned: number | null;
  source: SourceFacts | null;
  store: StoreFacts;
  link: { exists: boolean; up: boolean | null; name: string } | null;
  /** When packets last moved, as seen at the interface; null: not since it is watched. `since`: watched since, null: not watched. */
  interface: { moved: number | null; since: number | null };
  /** TZSP streams that feed the interface; absent where none do. */
  stream?: StreamFacts;
  socket: Pick<SocketFacts, 'state' | 'problem' | 'asked'> | null;
  /** The socket has answered before. */
  socketAnswered: boolean;
  socketMoved: number | null;
  stats: StatsFacts;
  rules: { loaded: number; failed: number } | null;
  rulesBefore: { loaded: number; failed: number } | null;
  /** Loaded while the heartbeat was last alive. */
  rulesAlive: { loaded: number; failed: number } | null;
  lastReload: number | null;
  /** Other kinds of the same sensor that are seen in time, and have been while this one was missing. */
  siblings: readonly ProbeKind[];
  /** Others are seen in time, but none was while this one was missing: whether it fails alone will show in a moment. */
  undecided?: boolean;
}

export interface StatsFacts {
  arrived: number | null;
  interval: number;
  /** The next one should have come. */
  overdue: boolean;
  ceased: boolean;
  /** Watched since; when the packets, the decoder, the probe's protocol and the alerts last moved (arrival); null: not since. */
  since: number | null;
  packets: number | null;
  decoded: number | null;
  protocol: number | null;
  alerts: number | null;
  checksums: number | null;
  drops: number | null;
  drop_percent: number | null;
  /** Arrival minus time in the line, of the newest three lines. */
  delay: { least: number; most: number; count: number } | null;
  /** Lines keep coming in lumps. */
  lumpy: boolean;
}

export interface Verdict {
  state: HeartbeatState;
  hop: Hop | null;
  cause: CauseCode | null;
}

/** Within this of the second interval a verdict is due; two intervals and five seconds are promised. */
const MARGIN_MS = 2000;
/** What a stats event counted may be so old when it is read: the last one of a Suricata that is stopped comes that long after its last packet. */
const COUNTED_MARGIN_MS = 1000;
/** Suricata's workers hand over what they count at least that often (STATS_WUT_TTS in its counters.c). */
const HANDED_OVER_MS = 3000;
/** A command socket that hangs is known by then, counted from the loss: overdue, asked, waited for, seen. */
const ASKED_MS = 12_000;
/** Counters are waited for so long beyond one interval from the loss, which may be another interval after the failure. */
const COUNTING_MS = 5000;
const ROOM_BYTES = 64 * 1024;
const LATE_STORE_MS = 10_000;
/** Whoever writes whole lines leaves no part of one for this long. */
const PARTIAL_MS = 2500;
/** A reader or a buffer that holds lines back for longer than this is no matter of patience. */
const PATIENCE_MS = 120_000;

const ALIVE: Verdict = { state: 'alive', hop: null, cause: null };
const verdict = (state: HeartbeatState, cause: CauseCode, hop: Hop = CAUSES[cause].hop): Verdict => ({
  state,
  hop,
  cause,
});

/** One rule of thumb: the chain is proven as far as the newest probe came; where it ends, the first hop with evidence against it broke. */
export function judge(facts: JudgeFacts): Verdict {
  const { now, interval, longest, sender, seen, missing } = facts;
  if (facts.keyProblem !== null) return verdict('blind', 'key_unusable');
  const age = ageOf(facts);
  const grace = now - facts.watching < 2 * longest + MARGIN_MS;
  const isBlind = isGone(facts);

  // Probes come, or one is overdue at most.
  if (!isBlind && missing.overdue === 0 && age !== Number.POSITIVE_INFINITY) return judgeSeen(facts);

  const sent = judgeSender(facts);
  if (sent !== null) {
    if (grace && sent === 'sender_stopped') return verdict('unknown', 'not_seen_yet', 'sent');
    return verdict(isBlind || missing.failed >= 2 ? 'blind' : 'late', sent);
  }
  // Without a sender that reports and without any line nobody knows whether anything was ever sent.
  const { cause, sure } = findCause(facts);
  if (cause === 'eve_buffered' || cause === 'reader_late')
    return verdict(age < Math.max(PATIENCE_MS, 10 * interval) || grace ? 'late' : 'blind', cause);
  if (sure && (missing.overdue > 0 || isBlind)) return verdict('blind', cause);
  // A sender that has just gone on: its first probe is still on its way.
  if (grace || (sender.told && missing.overdue === 0)) return verdict('unknown', 'not_seen_yet');
  // A reload takes a moment in which packets may pass unseen; that is for causes that nothing proves.
  const reloaded = facts.lastReload !== null && now - facts.lastReload >= 0 && now - facts.lastReload < interval + 5000;
  const isGuess = cause === 'not_seen' || cause === 'kind_blind' || cause === 'rule_mismatch';
  if (isGuess && missing.overdue <= 3 && (reloaded || facts.undecided === true)) return verdict('late', 'not_seen_yet');
  if (isGuess && isOpen(facts, cause)) return verdict('late', 'not_seen_yet');
  if (!sender.told && seen.last === null) return verdict('unknown', cause);
  return verdict(isBlind ? 'blind' : 'late', cause);
}

/** More will be known in time for the promise: the command socket is being asked, or counters from after the loss are to come. */
function isOpen({ now, interval, socket, stats, missing }: JudgeFacts, cause: CauseCode): boolean {
  const { since } = missing;
  if (typeof since !== 'number') return false;
  const passed = now - since;
  if (socket?.state === 'answers' && socket.asked <= since && passed < ASKED_MS) return true;
  const isCounting = stats.arrived !== null && !stats.ceased;
  return cause === 'not_seen' && isCounting && passed < interval + COUNTING_MS;
}

/** Since the newest probe that came was sent; infinite where none ever came. */
function ageOf({ now, seen }: JudgeFacts): number {
  return seen.last === null ? Number.POSITIVE_INFINITY : Math.max(0, now - seen.last);
}

/** More is missing than one probe that may be lost at any time. */
function isGone(facts: JudgeFacts): boolean {
  return facts.missing.overdue >= 2 || ageOf(facts) > 2 * facts.longest + MARGIN_MS;
}

/** The way is proven up to reading. What is still wrong with it? */
function judgeSeen(facts: JudgeFacts): Verdict {
  const { now, seen, store, source, stats } = facts;
  if (seen.last === null) return verdict('unknown', 'not_seen_yet');
  const unstored = lasting(facts, seen.unstoredSince);
  if (store.waiting !== null && (unstored > 0 || now - store.waiting.since > LATE_STORE_MS))
    return verdict('blind', 'store_waiting');
  if (unstored > LATE_STORE_MS) return verdict('late', 'store_waiting');
  // Many lines a second fill a buffer at once: that lines are cut matters where they come late, or not all of them do.
  if (isCut(facts) && ((seen.latency ?? 0) > PARTIAL_MS || stats.ceased)) return verdict('late', 'eve_buffered');
  const slow = Math.max(LATE_STORE_MS, facts.interval);
  const isBehind = source !== null && !source.partial && lasting(facts, source.lag_since) > slow;
  if (isBehind && (seen.latency ?? 0) > slow) return verdict('late', 'reader_late');
  const isRead = source === null || source.lag_since === null;
  const settled = isRead && now - facts.watching > slow;
  if (settled && stats.lumpy) return verdict('late', 'eve_buffered');
  // Lines that were caught up with do not agree, so less time is needed to tell them from a clock.
  const woke = now - facts.watching <= Math.min(slow, 2 * facts.longest + MARGIN_MS);
  if (isRead && !woke && isSkewed(stats)) return verdict('late', 'clock_skew');
  if (source?.state === 'missing' && source.since !== null && now - source.since > 5000)
    return verdict('late', 'log_missing');
  if (stats.drop_percent !== null && stats.drop_percent >= DROP_WARN_PERCENT && !stats.ceased)
    return verdict('late', 'capture_drops');
  return ALIVE;
}

/** Before the wire: has it been sent at all? */
function judgeSender({ now, longest, sender, seen, missing }: JudgeFacts): CauseCode | null {
  if (!sender.told || sender.last === null) return null;
  const last = Math.max(sender.last, seen.last ?? 0);
  if (now - last > longest * 2 + 1000) return 'sender_stopped';
  if (sender.error === null || missing.failed === 0 || missing.failed < missing.overdue) return null;
  return causeOfError(sender.error.code);
}

/** Codes of the kernel (errno(3)) and of the sender. */
export function causeOfError(code: string): CauseCode {
  if (/^(?:ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|ENOTFOUND|EAI_[A-Z]+)$/.test(code)) return 'no_route';
  if (/^(?:arp_unanswered|EHOSTDOWN|ETIMEDOUT|ENXIO)$/.test(code)) return 'target_absent';
  return 'send_refused';
}

interface Found {
  cause: CauseCode;
  /** It is known by itself, not only by what is missing. */
  sure: boolean;
}

const sure = (cause: CauseCode): Found => ({ cause, sure: true });
const likely = (cause: CauseCode): Found => ({ cause, sure: false });

/** Sent, but not seen: why. What can be looked at now comes first, then what Suricata's own counters say (if they can be read). */
function findCause(facts: JudgeFacts): Found {
  const { now, link, socket, source, store, stats } = facts;
  if (link !== null && (!link.exists || link.up === false)) return sure('mirror_down');
  // The router's stream is the wire here: while it stands still, nothing behind it can be blamed.
  const { stream } = facts;
  if (stream !== undefined && now - Math.max(stream.last ?? 0, stream.since) > facts.longest + MARGIN_MS)
    return sure('router_stopped');
  // What the socket said counts unless a stats event came after it was asked.
  // What it did not say while the station itself stood still is the station's fault.
  const fresh = socket !== null && socket.asked >= facts.watching;
  const newer = fresh && (stats.arrived === null || socket.asked > stats.arrived || stats.ceased);
  if (newer && socket.state === 'silent') {
    if (stats.ceased || stats.arrived === null) return sure('suricata_hung');
    // While many rules are loaded the socket is silent and all else goes on: a process that still wrote counters after the loss does not hang.
    const { since } = facts.missing;
    const wrote = typeof since === 'number' && stats.arrived > since + COUNTED_MARGIN_MS;
    if (isGone(facts) && !wrote) return likely('suricata_hung');
  }
  // A socket that never was there says little: it may be switched off.
  const gone = socket?.state === 'refused' || (socket?.state === 'absent' && facts.socketAnswered);
  if (newer && gone) return sure('suricata_stopped');
  if (store.waiting !== null) return sure('store_waiting');
  if (source?.state === 'unreadable') return sure('log_unreadable');
  // While it is being rotated it is not there for a moment.
  if (source?.state === 'missing' && now - (source.since ?? 0) > 3000) return sure('log_missing');
  // Both leave a line without an end, which waits as unread: no reader is late with it.
  if (source !== null && source.free_bytes !== null && source.free_bytes < ROOM_BYTES && !isGrowing(source, facts))
    return sure('log_full');
  if (isCut(facts)) return likely('eve_buffered');
  if (source !== null && !source.partial && lasting(facts, source.lag_since) > 3000) return sure('reader_late');
  const lately = (time: number | null): boolean => time !== null && now - time < 3 * facts.longest + 5000;
  if (lately(facts.clockHint)) return likely('clock_skew');
  if (lately(facts.unsigned)) return likely('payload_missing');
  if (stats.lumpy) return likely('eve_buffered');
  const wire = facts.interface;
  if (wire.since !== null && now - Math.max(wire.moved ?? 0, wire.since) > facts.longest + MARGIN_MS)
    return sure('mirror_silent');
  // Stats may be switched off: others that come are the better witness.
  if (facts.siblings.length > 0 && (stats.ceased || stats.arrived === null)) return likely('kind_blind');
  if (stats.ceased) {
    if (socket?.state !== 'answers') return goesOn(facts) ? likely('not_seen') : sure('suricata_stopped');
    // An answer from before they ceased says nothing of now; it is asked again at once.
    return socket.asked > (stats.arrived ?? 0) + stats.interval ? sure('eve_off') : likely('not_seen');
  }
  if (stats.arrived === null) return withoutStats(facts);
  return isHushed(facts) ? likely('suricata_stopped') : fromCounters(facts);
}

/** Probes and stats events stay away together, and there is no command socket that would tell more. */
function isHushed(facts: JudgeFacts): boolean {
  const { socket, stats, now } = facts;
  const isMute = socket === null || (socket.state !== 'answers' && socket.state !== 'silent');
  // One that has more to do than it can writes its stats late.
  const isDrowning = stats.drops !== null && now - stats.drops < 4 * stats.interval;
  const isLate = stats.overdue && now - (stats.arrived ?? now) > HANDED_OVER_MS + COUNTED_MARGIN_MS;
  if (facts.siblings.length > 0 || (facts.source?.lag_since ?? null) !== null) return false;
  return isMute && isLate && isGone(facts) && !isDrowning && !goesOn(facts);
}

/** Suricata goes on writing to its log after the loss. What it writes at its end comes late, but no more comes then. */
function goesOn({ now, longest, source, missing, seen }: JudgeFacts): boolean {
  if (source === null || source.shared === true) return false;
  const since = missing.since ?? seen.last ?? now;
  const newest = Math.max(source.last_line ?? 0, source.last_growth ?? 0);
  return newest > since + HANDED_OVER_MS && now - newest < longest;
}

/** The log has ended in the middle of a line for a while: it is written in blocks, from a buffer. */
function isCut(facts: JudgeFacts): boolean {
  const { source } = facts;
  return source !== null && source.partial && lasting(facts, source.lag_since) > PARTIAL_MS;
}

/** Milliseconds since `since`, without what passed while the station stood still: it could neither read nor store then. 0 for null. */
function lasting({ now, watching }: JudgeFacts, since: number | null): number {
  return since === null ? 0 : now - Math.max(since, watching);
}

function isGrowing(source: SourceFacts, { now, interval }: JudgeFacts): boolean {
  const newest = Math.max(source.last_growth ?? 0, source.last_line ?? 0);
  return now - newest < interval;
}

/** No stats event ever: they may be switched off. */
function withoutStats(facts: JudgeFacts): Found {
  const { now, socket, socketMoved, source, seen } = facts;
  if (socket?.state !== 'answers') return likely('not_seen');
  const quiet = source === null || now - Math.max(source.last_line ?? 0, source.last_growth ?? 0) > 2 * facts.longest;
  if (quiet && seen.last === null && socketMoved !== null) return likely('eve_off');
  if (quiet && socketMoved !== null && now - socketMoved < 3 * facts.longest) return likely('eve_off');
  if (socketMoved === null || now - socketMoved > 3 * facts.longest) return idleOrSilent(facts);
  return likely('not_seen');
}

/** The decoder stands still: does anything reach the interface? */
function idleOrSilent({ now, interface: wire, longest, stats }: JudgeFacts): Found {
  const still = Math.max(2 * stats.interval, 2 * longest);
  if (wire.since !== null && wire.moved !== null && now - wire.moved < still) return likely('suricata_idle');
  return likely('mirror_silent');
}

/** Stats come: how far did the packets get? */
function fromCounters(facts: JudgeFacts): Found {
  const { now, kind, stats, siblings, rules, rulesBefore, rulesAlive, seen } = facts;
  const longest = Math.max(facts.longest, HANDED_OVER_MS);
  // A probe comes each interval, and counters are written each interval of their own: what moves at all has moved within both together.
  const window = stats.interval + longest + 1000;
  const recent = (moved: number | null): boolean => moved !== null && now - moved <= window;
  const lastGood = seen.arrived ?? facts.watching;
  const since = (moved: number | null): boolean => moved !== null && (moved > lastGood || recent(moved));
  const watched = stats.since !== null && now - stats.since > window;
  // What was not counted since the newest stats event is not known to stand still: no other may ever come.
  const stands = (moved: number | null): boolean =>
    (stats.arrived ?? 0) - Math.max(moved ?? 0, stats.since ?? 0) > longest + COUNTED_MARGIN_MS;
  if (stats.drops !== null && recent(stats.drops) && (stats.drop_percent ?? 0) > 0) return likely('capture_drops');
  if (rulesBroken(rules, rulesBefore, rulesAlive)) return likely('rules_broken');
  if (rules !== null && rules.loaded === 0) return likely('rule_missing');
  // Counters from before the first probe that is missing know nothing of it.
  const lost = (facts.missing.since ?? 0) + COUNTED_MARGIN_MS;
  if (lost > (stats.arrived ?? 0)) return likely('not_seen');
  if (watched && stands(stats.decoded)) return idleOrSilent(facts);
  if (watched && !recent(stats.decoded)) return likely('not_seen');
  const tcp = kind === 'http' || kind === 'tls';
  if (tcp && since(stats.checksums)) return likely('invalid_checksums');
  if (watched && stands(stats.protocol)) return likely('mirror_silent');
  if (watched && !recent(stats.protocol)) return likely('not_seen');
  const reference = rulesAlive ?? rulesBefore;
  if (rules !== null && reference !== null && rules.loaded < reference.loaded) return likely('rule_missing');
  if (siblings.length > 0) return likely('kind_blind');
  // What came before the loss is counted after it too; and whether Suricata still writes at all will show in a moment.
  const decodes =
    (stats.protocol ?? 0) - stats.interval - Math.min(stats.interval, HANDED_OVER_MS) > (facts.missing.since ?? 0);
  return likely(rules === null || stats.overdue || !decodes ? 'not_seen' : 'rule_mismatch');
}

/** More rules fail than when all was well, or than before the reload. */
function rulesBroken(
  rules: JudgeFacts['rules'],
  before: JudgeFacts['rulesBefore'],
  alive: JudgeFacts['rulesAlive'],
): boolean {
  if (rules === null || rules.failed === 0) return false;
  const reference = alive ?? before;
  return reference === null || rules.failed > reference.failed || rules.loaded < reference.loaded * 0.9;
}

/** All newest lines agree: a constant delay is a clock, one that differs from line to line is waiting. */
function isSkewed({ delay }: StatsFacts): boolean {
  if (delay === null || delay.count < 3 || delay.most - delay.least > 5000) return false;
  return delay.least > SKEW_LIMIT_MS || delay.most < -SKEW_LIMIT_MS;
}
