import { visibleText } from '../../base/text-safe.ts';
import { protocolOf } from '../sensor-health/counters.ts';
import type { SensorWatch } from '../sensor-health/health.ts';
import { seconds, SKEW_LIMIT_MS, skewText } from '../sensor-health/problems.ts';
import { CAUSES, wordsOf } from './causes.ts';
import type { JudgeFacts, Verdict } from './judge.ts';
import { HOPS, type HeartbeatState, type Hop, type HopReport } from './report.ts';
import type { Series } from './series.ts';

/** One sentence for people: what is seen, or what is not and why. */
export function evidenceMessage({ state, cause }: Verdict, facts: JudgeFacts, series: Series): string {
  const { now, seen } = facts;
  const ago = seen.last === null ? null : seconds(now - seen.last);
  const way = `${series.kind} to ${visibleText(series.target)}`;
  if (state === 'alive' || cause === null)
    return `The heartbeat (${way}) sent ${ago} ago came through within ${seconds(seen.latency ?? 0)}.`;
  // Where the sensor's clock is right, it is the sender's.
  const skew = facts.stats.delay?.least ?? 0;
  const isSensors = cause === 'clock_skew' && Math.abs(skew) > SKEW_LIMIT_MS;
  const why = isSensors ? skewText(skew) : wordsOf(cause, facts.sender.told).message;
  if (cause === 'key_unusable') return `${why} ${visibleText(facts.keyProblem ?? '')}.`;
  const error =
    facts.sender.error !== null && CAUSES[cause].hop === 'sent' && cause !== 'sender_stopped'
      ? ` (${visibleText(facts.sender.error.code)})`
      : '';
  if (facts.missing.overdue === 0 && ago !== null && state === 'late')
    return `${why}${error} The heartbeat (${way}) comes through.`;
  return `${why}${error} ${ago === null ? `No heartbeat (${way}) was ever seen.` : `The last heartbeat (${way}) that came was sent ${ago} ago.`}`;
}

/** The chain, hop by hop, with what each rests on. `shipped` is left out: no back end can be configured yet. */
export function hopsOf(verdict: Verdict, facts: JudgeFacts, series: Series, watch: SensorWatch): HopReport[] {
  const broken = verdict.hop === null ? -1 : HOPS.indexOf(verdict.hop);
  return HOPS.filter((hop) => hop !== 'shipped').map((hop, i) => ({
    hop,
    state: stateOf(hop, i, broken, verdict, facts, series, lastOf(hop, series, watch)),
    evidence: evidenceOf(hop, facts, series, watch),
    last: lastOf(hop, series, watch),
  }));
}

function stateOf(
  hop: Hop,
  index: number,
  broken: number,
  { state }: Verdict,
  facts: JudgeFacts,
  series: Series,
  last: number | null,
): HeartbeatState {
  // An answer is welcome, not needed.
  if (hop === 'answered') {
    if (series.lastAnswered === null) return 'unknown';
    return facts.now - series.lastAnswered > 2 * facts.longest + 3000 ? 'blind' : 'alive';
  }
  if (index === broken) return state;
  if (hop === 'sent' && !series.told)
    return series.lastSeen === null ? 'unknown' : state === 'alive' ? 'alive' : 'unknown';
  if (broken < 0) return state;
  if (index < broken) return state !== 'unknown' && isProven(last, facts) ? 'alive' : 'unknown';
  // Behind a hop that is only slow, things are well; behind one that lets nothing through, nobody knows.
  return state === 'late' && facts.missing.overdue === 0 ? 'alive' : 'unknown';
}

/** Before a broken hop nothing is well for that reason alone: something must have been seen to move there. */
function isProven(last: number | null, { now, longest, stats }: JudgeFacts): boolean {
  return last !== null && now - last <= 2 * longest + stats.interval + 3000;
}

function lastOf(hop: Hop, series: Series, watch: SensorWatch): number | null {
  const protocol = protocolOf(series.kind);
  switch (hop) {
    case 'sent':
      return series.lastTold ?? series.lastSeen;
    case 'answered':
      return series.lastAnswered;
    case 'captured':
      return later(watch.moved.packets, watch.socketMoved, series.lastSeen);
    case 'decoded':
      return later(watch.moved[protocol], series.lastSeen);
    case 'alerted':
      return series.lastSeen;
    case 'read':
      return series.lastArrived;
    case 'stored':
      return series.lastStored;
    case 'shipped':
      return null;
  }
}

function later(...times: (number | null | undefined)[]): number | null {
  const known = times.filter((time) => typeof time === 'number');
  return known.length === 0 ? null : Math.max(...known);
}

function evidenceOf(hop: Hop, facts: JudgeFacts, series: Series, watch: SensorWatch): string[] {
  const { now, missing, source, store, socket, stats, link } = facts;
  const lines: (string | null)[] = [];
  const ago = (time: number): string => `${seconds(now - time)} ago`;
  const { counters, deltas } = watch;
  const rise = (name: string, value: number | null | undefined, by: number | null | undefined): string | null =>
    value === null || value === undefined
      ? null
      : `${name} ${value}${by === null || by === undefined ? '' : ` (+${by} in the last ${seconds(watch.interval)})`}`;
  switch (hop) {
    case 'sent':
      lines.push(
        series.lastTold === null
          ? 'no sender reports what it sends'
          : `probe ${series.lastToldSeq} was sent ${ago(series.lastTold)}`,
        facts.sender.error !== null && missing.failed > 0
          ? `the last ${missing.failed} failed: ${visibleText(facts.sender.error.code)}`
          : null,
      );
      break;
    case 'answered':
      lines.push(
        series.lastAnswered === null ? 'no answer was seen' : `the probe sent ${ago(series.lastAnswered)} was answered`,
      );
      break;
    case 'captured':
      lines.push(
        link === null
          ? null
          : `${link.name}: ${link.exists ? (link.up === null ? 'state not known' : link.up ? 'link up' : 'no link') : 'no such interface'}`,
        watch.interface?.packets === null || watch.interface === null
          ? null
          : `${watch.interface.packets} packets at the interface`,
        rise('capture packets', counters?.packets, deltas?.packets),
        rise('drops', counters?.drops, deltas?.drops),
        socket === null || socket.state === 'not_configured'
          ? null
          : `command socket: ${socket.state}${socket.problem === null ? '' : ` (${visibleText(socket.problem)})`}`,
        stats.arrived === null ? 'no stats event was read' : `last stats event ${ago(stats.arrived)}`,
      );
      break;
    case 'decoded': {
      const protocol = protocolOf(series.kind);
      lines.push(
        rise(`decoder.${protocol === 'icmp' ? 'icmpv4 + icmpv6' : protocol}`, counters?.[protocol], deltas?.[protocol]),
        rise('decoder.pkts', counters?.decoded, deltas?.decoded),
        protocol === 'tcp'
          ? rise('tcp.invalid_checksum', counters?.invalid_checksums, deltas?.invalid_checksums)
          : null,
      );
      break;
    }
    case 'alerted':
      lines.push(
        series.lastSeen === null
          ? 'no heartbeat line yet'
          : `probe ${series.lastSeenSeq} raised an alert, sent ${ago(series.lastSeen)}${series.identity === 'token' ? '' : ` (told by its ${series.identity === 'ports' ? 'ports' : 'time'} only)`}`,
        missing.overdue > 0 ? `${missing.overdue} probes since have not come` : null,
        facts.rules === null ? null : `${facts.rules.loaded} rules loaded, ${facts.rules.failed} failed`,
        rise('detect.alert', counters?.alerts, deltas?.alerts),
      );
      break;
    case 'read':
      lines.push(
        source === null
          ? null
          : `${visibleText(source.path)}: ${source.state}${source.problem === null ? '' : ` (${visibleText(source.problem)})`}`,
        source === null || source.lag_bytes === 0 ? null : `${source.lag_bytes} bytes unread`,
        source?.last_line === null || source === null ? null : `last line read ${ago(source.last_line)}`,
      );
      break;
    case 'stored':
      lines.push(
        store.waiting === null ? null : `commits wait: ${visibleText(store.waiting.message)}`,
        series.lastStored === null ? null : `the probe sent ${ago(series.lastStored)} is searchable`,
      );
      break;
    case 'shipped':
      break;
  }
  return lines.filter((line) => line !== null);
}
