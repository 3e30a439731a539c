import { parseInstant } from '../../event/time.ts';
import type { InterfaceFacts, SocketFacts } from '../heartbeat/facts.ts';
import type { SensorHealth } from '../heartbeat/report.ts';
import { own, readCounters, type Counters } from './counters.ts';
import { Delays } from './delays.ts';
import { PacketPlot } from './packet-plot.ts';
import { healthProblems } from './problems.ts';
import { RuleCounts } from './rule-counts.ts';

/** Suricata's default `stats.interval`; the true one is learned from the events. */
const DEFAULT_INTERVAL_MS = 8000;
/** Packets at the interface so long ago still speak of now. */
const WIRE_MS = 60_000;
/** Suricata writes its stats in order. More than this many in a row that seem older are no stray lines but a clock that was set back. */
const MAX_STRAYS = 3;

/** Rounding, and the time that passes between two looks at a clock. */
const UPTIME_MARGIN_MS = 2500;

/** So many stats events without a move of the capture counters tell nothing new of drops. */
const CAPTURE_STILL = 3;

/** The counters of which it matters when they last moved. */
const MOVING = ['packets', 'decoded', 'icmp', 'udp', 'tcp', 'alerts', 'drops', 'invalid_checksums'] as const;
export type Moving = (typeof MOVING)[number];

/** How much a counter rose between the newest two stats events (after a restart: since it); null where it is not known. */
export type Deltas = Record<Moving | 'memcap_drops', number | null>;

/**
 * The health of one sensor from its own words: stats events in the log, answers of the command socket, the interface. Clock is injected
 * through `arrived` and `now`; memory is bounded (a day of bins, 32 delays, two sets of counters). Nothing here throws on input.
 */
export class SensorWatch {
  counters: Counters | null = null;
  deltas: Deltas | null = null;
  /** Time in the newest stats event and when it arrived. */
  statsTime: number | null = null;
  statsArrived: number | null = null;
  /** Typical time between two stats events. */
  interval = DEFAULT_INTERVAL_MS;
  /** When each counter was last seen to move (arrival), and since when it has been watched. */
  readonly moved: Partial<Record<Moving, number>> = {};
  watchedSince: number | null = null;
  restarted: number | null = null;
  readonly ruleCounts = new RuleCounts();
  readonly plot = new PacketPlot();
  readonly delays = new Delays();
  socket: SocketFacts | null = null;
  /** The socket has answered at least once: that it is gone now means something. */
  socketAnswered = false;
  interface: InterfaceFacts | null = null;
  /** When the interface's counter last moved, and since when it has been looked at. */
  interfaceMoved: number | null = null;
  interfaceSince: number | null = null;
  /** When the counters behind the command socket last moved. */
  socketMoved: number | null = null;
  malformed = 0;
  /** Packets and drops of the newest stats interval in which the capture counters moved, and how many events ago that was. */
  private capture: { packets: number; drops: number; age: number } | null = null;
  private strays = 0;
  private learned = false;
  private version: string | null = null;

  /** A parsed line of type `stats`. */
  stats(event: unknown, arrived: number): void {
    const text = own(event, 'timestamp');
    const time = typeof text === 'string' ? parseInstant(text) / 1000 : Number.NaN;
    const counters = readCounters(own(event, 'stats'));
    if (counters === null || Number.isNaN(time)) {
      this.malformed++;
      return;
    }
    if (this.isStray(time, counters)) return;
    this.strays = 0;
    const before = this.counters;
    const fresh = before === null || this.isNewProcess(before, counters, time) || fell(before, counters);
    if (fresh && before !== null) {
      this.restarted = arrived;
      // It may have been given another interval.
      this.learned = false;
    }
    this.learnInterval(time, arrived, fresh);
    this.deltas = fresh ? (before === null ? null : sinceStart(counters)) : difference(before!, counters);
    this.noteCapture();
    this.noteMoves(before, counters, fresh, arrived);
    if (counters.rules !== null && before?.rules && changedRules(before, counters))
      this.ruleCounts.before = before.rules;
    this.count(arrived, this.statsTime === null || fresh ? null : time - this.statsTime);
    this.counters = counters;
    this.statsTime = time;
    this.statsArrived = arrived;
    // Where the command socket answers, its word is newer.
    if (this.socket?.state !== 'answers' || this.socket.rules === null) this.ruleCounts.note(counters.rules, arrived);
    this.delays.add(arrived - time, arrived);
  }

  /** A line of ours with the time of its packet. */
  line(packetTime: number, arrived: number): void {
    this.delays.add(arrived - packetTime, arrived);
  }

  look(facts: { interface: InterfaceFacts | null; socket: SocketFacts | null }, now: number): void {
    if (facts.interface?.packets !== undefined && facts.interface.packets !== null) {
      const before = this.interface?.packets ?? null;
      this.interfaceSince ??= now;
      if (before === null || facts.interface.packets !== before) this.interfaceMoved = before === null ? null : now;
    }
    this.interface = facts.interface;
    const socket = facts.socket;
    if (socket !== null && socket.state === 'answers') {
      this.socketAnswered = true;
      const packets = socket.capture?.packets ?? null;
      if (packets !== null && packets !== (this.socket?.capture?.packets ?? packets)) this.socketMoved = now;
      this.version = socket.version ?? this.version;
      const rules = socket.rules;
      const known = this.rules();
      if (rules !== null && known !== null && (rules.loaded !== known.loaded || rules.failed !== known.failed))
        this.ruleCounts.before = known;
    }
    this.socket = socket;
    if (socket?.state === 'answers' && socket.rules !== null) this.ruleCounts.note(socket.rules, socket.asked);
  }

  /** The newest word on rules: the socket's, else the stats event's. */
  rules(): Counters['rules'] {
    const fromSocket = this.socket?.state === 'answers' ? this.socket.rules : null;
    return fromSocket ?? this.counters?.rules ?? null;
  }

  lastReload(): number | null {
    const told = this.counters?.last_reload ?? null;
    const asked = this.socket?.last_reload ?? null;
    return told === null || asked === null ? (told ?? asked) : Math.max(told, asked);
  }

  /**
   * True where stats events have come and have ceased: no buffer and no idle link explains that.
   *
   * @param watching since when the log has been read without a break: what came while the station stood still is not read yet
   */
  ceased(now: number, watching = Number.NEGATIVE_INFINITY): boolean {
    return this.statsArrived !== null && now - Math.max(this.statsArrived, watching) > 2.5 * this.interval + 1000;
  }

  /** True where a stats event is late: nothing is wrong yet, but it is time to look. */
  overdue(now: number, watching = Number.NEGATIVE_INFINITY): boolean {
    return this.statsArrived !== null && now - Math.max(this.statsArrived, watching) > 1.5 * this.interval + 500;
  }

  /** Newest drops, percent of packets and of packets + drops. */
  dropPercent(): SensorHealth['drop_percent'] {
    if (this.capture === null) return { of_packets: null, of_both: null };
    const { packets, drops } = this.capture;
    return {
      of_packets: packets > 0 ? Math.min(100, (drops / packets) * 100) : drops > 0 ? 100 : 0,
      of_both: packets + drops > 0 ? (drops / (packets + drops)) * 100 : 0,
    };
  }

  report(now: number): SensorHealth {
    const counters = this.counters ?? (this.socket?.state === 'answers' ? readCounters(this.socket.counters) : null);
    const delays = this.delays.newest(16);
    const health: Omit<SensorHealth, 'problems' | 'history'> = {
      version: this.version,
      uptime_secs: (this.socket?.state === 'answers' ? this.socket.uptime_secs : null) ?? counters?.uptime_secs ?? null,
      stats_time: this.statsTime,
      stats_arrived: this.statsArrived,
      packets: counters?.packets ?? this.socket?.capture?.packets ?? null,
      drops: counters?.drops ?? this.socket?.capture?.drops ?? null,
      drop_percent: this.dropPercent(),
      decoded: counters?.decoded ?? null,
      invalid_checksums: counters?.invalid_checksums ?? null,
      alerts: counters?.alerts ?? null,
      memcap_drops: counters?.memcap_drops ?? null,
      memuse_percent: counters?.memuse_percent ?? null,
      rules: this.rules(),
      last_reload: this.lastReload(),
      skew_ms: delays === null ? null : Math.round(delays.median),
      command_socket: this.socket?.state ?? 'not_configured',
      interface:
        this.interface === null
          ? null
          : {
              name: this.interface.name,
              up: this.interface.exists ? this.interface.up : false,
              packets: this.interface.packets,
            },
    };
    const problems = healthProblems(health, {
      now,
      restarted: this.restarted,
      memcap_drops_delta: this.deltas?.memcap_drops ?? 0,
      interval: this.interval,
      still: this.still(),
      wire_moves:
        this.interfaceSince === null ? null : this.interfaceMoved !== null && now - this.interfaceMoved < WIRE_MS,
      socket_problem: this.socket?.problem ?? null,
      malformed: this.malformed,
    });
    const { plot } = this;
    return {
      ...health,
      problems,
      // Made when it is looked at: the judge asks each second.
      get history() {
        return plot.rows(now);
      },
    };
  }

  /** For how long no packet has been counted, by arrivals of stats events: what is not read yet says nothing. */
  private still(): number | null {
    const { counters, statsArrived, watchedSince } = this;
    if (counters === null || statsArrived === null || watchedSince === null) return null;
    if (counters.packets === null && counters.decoded === null) return null;
    return statsArrived - Math.max(watchedSince, this.moved.packets ?? 0, this.moved.decoded ?? 0);
  }

  /** All times by `by` later: the station's clock was set back. */
  shift(by: number): void {
    for (const name of MOVING) if (this.moved[name] !== undefined) this.moved[name] += by;
    const later = (time: number | null): number | null => (time === null ? null : time + by);
    this.statsArrived = later(this.statsArrived);
    this.watchedSince = later(this.watchedSince);
    this.restarted = later(this.restarted);
    this.ruleCounts.shift(by);
    this.interfaceMoved = later(this.interfaceMoved);
    this.interfaceSince = later(this.interfaceSince);
    this.socketMoved = later(this.socketMoved);
    this.delays.clear();
  }

  /** By its uptime, which is told in whole seconds of the sensor's clock: a short life may end with the same as the next one begins. */
  private isNewProcess(before: Counters, counters: Counters, time: number): boolean {
    if (counters.uptime_secs === null || before.uptime_secs === null) return false;
    if (counters.uptime_secs < before.uptime_secs) return true;
    const lived = (counters.uptime_secs - before.uptime_secs) * 1000;
    return this.statsTime !== null && time - this.statsTime - lived > UPTIME_MARGIN_MS;
  }

  /** Older than the newest one of the same process, or of a process before it: a file that was read late, or a line that was put in. */
  private isStray(time: number, counters: Counters): boolean {
    const before = this.counters;
    if (before === null || this.statsTime === null || time > this.statsTime) return false;
    if (time === this.statsTime && before.uptime_secs === counters.uptime_secs) return true;
    return ++this.strays <= MAX_STRAYS;
  }

  private learnInterval(time: number, arrived: number, fresh: boolean): void {
    if (fresh || this.statsTime === null || this.statsArrived === null) return;
    // By the sensor's clock: arrivals come in lumps when a log is buffered or was read late.
    const delta = time - this.statsTime;
    if (delta >= 500 && delta <= 600_000 && arrived >= this.statsArrived) {
      this.interval = this.learned ? this.interval + (delta - this.interval) / 4 : delta;
      this.learned = true;
    }
    this.interval = Math.min(600_000, Math.max(1000, this.interval));
  }

  /**
   * Suricata asks the kernel for its counts only now and then, when a worker passes by, and worst so under load: seen are two stats events in
   * three without any move while three packets of four were dropped. A standstill of the counters says nothing new, for a few events.
   */
  private noteCapture(): void {
    const { packets, drops } = this.deltas ?? { packets: null, drops: null };
    if (packets === null || drops === null) {
      this.capture = null;
      return;
    }
    const isStill = packets === 0 && drops === 0;
    if (!isStill || this.capture === null || this.capture.age >= CAPTURE_STILL)
      this.capture = { packets, drops, age: 0 };
    else this.capture.age++;
  }

  private noteMoves(before: Counters | null, counters: Counters, fresh: boolean, arrived: number): void {
    if (fresh || this.watchedSince === null) {
      this.watchedSince = arrived;
      // A new process that has already counted something has moved; at the first look nobody knows.
      for (const name of MOVING) {
        if (before !== null && (counters[name] ?? 0) > 0) this.moved[name] = arrived;
        else if (before === null) delete this.moved[name];
      }
      return;
    }
    for (const name of MOVING) {
      const [old, value] = [before?.[name] ?? null, counters[name]];
      if (value !== null && old !== null && value !== old) this.moved[name] = arrived;
    }
  }

  /** Adds the newest deltas to the plot; `span` is the time they are for. */
  private count(arrived: number, span: number | null): void {
    if (span === null || span <= 0 || this.deltas === null) return;
    this.plot.add(arrived, span, this.deltas.packets ?? this.deltas.decoded ?? 0, this.deltas.drops ?? 0);
  }
}

/** Counters of one process never fall; where uptime is not told, that shows a new one. */
function fell(before: Counters, after: Counters): boolean {
  return (
    (before.decoded !== null && after.decoded !== null && after.decoded < before.decoded) ||
    (before.packets !== null && after.packets !== null && after.packets < before.packets)
  );
}

function difference(before: Counters, after: Counters): Deltas {
  const of = (name: keyof Deltas): number | null => {
    const [old, value] = [before[name], after[name]];
    return old === null || value === null ? null : Math.max(0, value - old);
  };
  return {
    packets: of('packets'),
    decoded: of('decoded'),
    icmp: of('icmp'),
    udp: of('udp'),
    tcp: of('tcp'),
    alerts: of('alerts'),
    drops: of('drops'),
    invalid_checksums: of('invalid_checksums'),
    memcap_drops: of('memcap_drops'),
  };
}

/** After a restart everything that is counted came since. */
function sinceStart(counters: Counters): Deltas {
  const { packets, decoded, icmp, udp, tcp, alerts, drops, invalid_checksums, memcap_drops } = counters;
  return { packets, decoded, icmp, udp, tcp, alerts, drops, invalid_checksums, memcap_drops };
}

function changedRules(before: Counters, after: Counters): boolean {
  return (
    before.rules?.loaded !== after.rules?.loaded ||
    before.rules?.failed !== after.rules?.failed ||
    before.last_reload !== after.last_reload
  );
}
