import type { SensorHealth } from '../heartbeat/report.ts';

/** From here on, percent of (packets + drops) is worth a word; the sensor no longer sees what it should. */
export const DROP_WARN_PERCENT = 1;
/** A clock that is further off than this makes events hard to put in order with those of others. */
export const SKEW_LIMIT_MS = 10_000;
const PRESSURE_PERCENT = 80;
/** Suricata asks the kernel for its counts only now and then, and a line may be idle at night: both are no standstill yet. */
const FROZEN_MS = { whilePacketsArrive: 60_000, otherwise: 300_000 };

type Problem = SensorHealth['problems'][number];

/** What else the judge of health must know. */
export interface Surroundings {
  now: number;
  /** Uptime fell at the newest but one stats event or later: when that was seen. */
  restarted: number | null;
  memcap_drops_delta: number;
  /** The stats interval as learned, milliseconds. */
  interval: number;
  /** Up to the newest stats event no packet was counted for so long, milliseconds; null where packets are not counted. */
  still: number | null;
  /** Packets were seen at the interface lately; null where it is not looked at. */
  wire_moves: boolean | null;
  socket_problem: string | null;
  /** Stats events that were no such. */
  malformed: number;
}

/** What is wrong with a sensor beside its heartbeat, in plain words. Pure. */
export function healthProblems(health: Omit<SensorHealth, 'problems' | 'history'>, around: Surroundings): Problem[] {
  const problems: Problem[] = [];
  const say = (code: string, message: string, remedy: string): void => void problems.push({ code, message, remedy });
  const { drop_percent: drops, rules } = health;
  if (drops.of_both !== null && drops.of_both >= DROP_WARN_PERCENT) {
    say(
      'capture_drops',
      `Suricata drops ${percent(drops.of_both)} of the packets (${percent(drops.of_packets ?? drops.of_both)} by the formula for AF_PACKET).`,
      'Give it more CPU or a larger ring (af-packet: ring-size, use tpacket-v3), disable rules that cost most, or mirror less traffic.',
    );
  }
  if (around.memcap_drops_delta > 0) {
    say(
      'memcap_drops',
      `Suricata gave up ${around.memcap_drops_delta} sessions, segments or flows for want of memory.`,
      'Raise flow.memcap, stream.memcap or stream.reassembly.memcap in suricata.yaml.',
    );
  } else if (health.memuse_percent !== null && health.memuse_percent >= PRESSURE_PERCENT) {
    say(
      'memcap_pressure',
      `Suricata uses ${Math.round(health.memuse_percent)} % of the memory that one of its tables may have.`,
      'Raise flow.memcap, stream.memcap or stream.reassembly.memcap in suricata.yaml before it gives up sessions.',
    );
  }
  if (rules !== null && rules.failed > 0) {
    say(
      'rules_failed',
      `${rules.failed} rules could not be loaded; ${rules.loaded} are.`,
      'Run: suricata -T -v -c /etc/suricata/suricata.yaml; it names each broken rule.',
    );
  }
  if (rules !== null && rules.loaded === 0) {
    say(
      'rules_none',
      'Suricata has no rule loaded: it can raise no alert.',
      'Check rule-files and default-rule-path in suricata.yaml.',
    );
  }
  if (health.skew_ms !== null && Math.abs(health.skew_ms) > SKEW_LIMIT_MS) {
    say(
      'clock_skew',
      skewText(health.skew_ms),
      'Keep the clocks of sensor and station right (chrony or systemd-timesyncd).',
    );
  }
  if (health.stats_arrived !== null && around.now - health.stats_arrived > 2.5 * around.interval + 1000) {
    const lives = health.command_socket === 'answers';
    say(
      'stats_ceased',
      `The last statistics of Suricata came ${seconds(around.now - health.stats_arrived)} ago; they used to come each ${seconds(around.interval)}.${lives ? ' Its process lives: the command socket answers.' : ''}`,
      lives
        ? 'Check stats and the types of eve-log in suricata.yaml, and that the log has room; else restart Suricata.'
        : 'Check that Suricata runs and that its log has room; the chain above names the hop.',
    );
  } else if (isFrozen(around)) {
    const arrive = around.wire_moves === true && health.interface !== null;
    say(
      'counters_frozen',
      `Suricata runs and writes statistics, but has counted no packet for ${seconds(around.still ?? 0)}${arrive ? `, while packets arrive at ${health.interface!.name}` : ''}.`,
      arrive
        ? 'Check that Suricata listens on this interface (af-packet: interface), and restart it.'
        : 'See with tcpdump whether packets arrive where Suricata listens: if they do, restart it; if not, check cable and mirror.',
    );
  }
  if (around.restarted !== null && around.now - around.restarted < 300_000) {
    say(
      'restarted',
      `Suricata was started anew ${seconds(around.now - around.restarted)} ago.`,
      'Nothing is to be done if that was on purpose; else look at its own log and at journalctl -u suricata.',
    );
  }
  if (health.command_socket === 'unreadable') {
    say(
      'socket_unreadable',
      `The command socket may not be used${around.socket_problem === null ? '' : ` (${around.socket_problem})`}.`,
      'Give this user access (unix-command in suricata.yaml; the socket belongs to the user and group that Suricata runs as), or leave command_socket out.',
    );
  }
  if (around.malformed > 0) {
    say(
      'stats_malformed',
      `${around.malformed} statistics lines made no sense.`,
      'Look at them with: varde query event.action:stats',
    );
  }
  return problems;
}

function isFrozen({ still, interval, wire_moves }: Surroundings): boolean {
  const limit = wire_moves === true ? FROZEN_MS.whilePacketsArrive : FROZEN_MS.otherwise;
  return still !== null && still > Math.max(limit, 4 * interval);
}

/** `The sensor's clock is 600 s behind the station's.` */
export function skewText(skew: number): string {
  return `The sensor's clock is ${seconds(Math.abs(skew))} ${skew > 0 ? 'behind' : 'ahead of'} the station's, or its lines come that late.`;
}

/** `0.4 s`, `25 s`, `12 min`, `3 h` */
export function seconds(ms: number): string {
  const value = Math.abs(ms) / 1000;
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 120) return `${Math.round(value)} s`;
  return value < 7200 ? `${Math.round(value / 60)} min` : `${Math.round(value / 3600)} h`;
}

function percent(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}
