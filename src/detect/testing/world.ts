import { formatToken } from '../../probe/token.ts';
import type { ProbeKind, SentProbe } from '../../probe/sent-probe.ts';
import { formatInstant } from '../../event/time.ts';
import type { SensorFacts, StationFacts } from '../heartbeat/facts.ts';
import { Heartbeat } from '../heartbeat/heartbeat.ts';
import type { ChainReport, SensorReport } from '../heartbeat/report.ts';
import type { Sighting } from '../heartbeat/sighting.ts';

export const KEY = Buffer.alloc(32, 7);
export const START = Date.UTC(2026, 10, 24, 12);
export const SOURCE = 'file_tail:0';
/** Rules of the world: 5100001 … in the order of PROBE_KINDS. */
export const SID: Record<ProbeKind, number> = {
  icmp: 5_100_001,
  udp: 5_100_002,
  dns: 5_100_003,
  http: 5_100_004,
  tls: 5_100_005,
};

const PORTS: Record<ProbeKind, number | null> = { icmp: null, udp: 9, dns: 53, http: 80, tls: 443 };
const PROTOCOLS: Record<ProbeKind, string> = { icmp: 'ICMP', udp: 'UDP', dns: 'UDP', http: 'TCP', tls: 'TCP' };

export const GOOD: SensorFacts = {
  source: {
    path: '/var/log/suricata/eve.json',
    state: 'readable',
    since: START,
    problem: null,
    lag_bytes: 0,
    lag_since: null,
    last_line: null,
    last_growth: null,
    partial: false,
    free_bytes: 1e9,
  },
  interface: null,
  socket: null,
};

interface Options {
  kinds?: readonly ProbeKind[];
  interval?: number;
  /** Nobody reports what is sent. */
  untold?: boolean;
}

/** A path with its sensor, and a clock that the test turns. */
export class World {
  now = START;
  heartbeat: Heartbeat;
  readonly interval: number;
  readonly kinds: readonly ProbeKind[];
  readonly seqs: Record<ProbeKind, number> = { icmp: 0, udp: 0, dns: 0, http: 0, tls: 0 };
  facts: StationFacts = { store: { waiting: null }, sensors: { s: GOOD } };
  untold: boolean;

  constructor({ kinds = ['icmp'], interval = 10, untold = false }: Options = {}) {
    this.kinds = kinds;
    this.interval = interval * 1000;
    this.untold = untold;
    this.heartbeat = this.make();
  }

  make(): Heartbeat {
    return new Heartbeat({
      sensors: [{ name: 's', sources: [SOURCE], command_socket: null, interface: null }],
      paths: [
        {
          name: 'lan',
          sensor: 's',
          target: '192.0.2.2',
          kinds: this.kinds,
          interval_secs: this.interval / 1000,
          jitter_percent: 10,
        },
      ],
      key: KEY,
      sids: new Map(this.kinds.map((kind) => [SID[kind], { path: 'lan', kind }])),
      now: () => this.now,
    });
  }

  /** Sends a probe now; its report reaches the station unless nobody reports. */
  send(kind: ProbeKind = this.kinds[0]!, changes: Partial<SentProbe> = {}): SentProbe {
    const probe: SentProbe = {
      path: 'lan',
      kind,
      seq: ++this.seqs[kind],
      sent: this.now,
      source_ip: '192.0.2.1',
      source_port: kind === 'icmp' ? null : 40_000 + (this.seqs[kind] % 1000),
      destination_ip: '192.0.2.2',
      destination_port: PORTS[kind],
      error: null,
      answered_ms: null,
      ...changes,
    };
    if (!this.untold) this.heartbeat.sent(probe);
    return probe;
  }

  /** The line of a probe is read now. */
  read(probe: SentProbe, changes: AlertChanges = {}): Sighting | null {
    return this.heartbeat.line(alertOf(probe, changes), this.now, { source: SOURCE });
  }

  /** The line counted, and is stored now. @throws Error where it did not count */
  keep(sighting: Sighting | null): void {
    if (sighting === null) throw new Error('the line did not count');
    this.heartbeat.stored(sighting);
  }

  /** Sends, reads 5 ms later, and stores 100 ms after that. */
  beat(kind: ProbeKind = this.kinds[0]!): void {
    const probe = this.send(kind);
    this.now += 5;
    const sighting = this.read(probe, { packet: this.now - 4 });
    this.now += 100;
    if (sighting !== null) this.heartbeat.stored(sighting);
  }

  /** Lets time pass, with a look around each second as the station does. */
  wait(ms: number, eachSecond: () => void = () => undefined): void {
    const end = this.now + ms;
    while (this.now < end) {
      this.now = Math.min(end, this.now + 1000);
      eachSecond();
      this.heartbeat.facts(this.facts);
    }
  }

  /** Some healthy intervals, with stats every 8 s. */
  live(intervals: number): void {
    for (let i = 0; i < intervals; i++) {
      for (const kind of this.kinds) this.beat(kind);
      const end = START + Math.ceil((this.now - START) / this.interval) * this.interval;
      this.wait(Math.max(0, end - this.now));
    }
  }

  sensor(): SensorReport {
    return this.heartbeat.report()[0]!;
  }

  chain(kind: ProbeKind = this.kinds[0]!): ChainReport {
    return this.sensor().chains.find((chain) => chain.kind === kind)!;
  }

  stats(changes: Record<string, unknown> = {}, time = this.now): void {
    this.heartbeat.line(
      {
        timestamp: eveTime(time),
        event_type: 'stats',
        stats: { uptime: Math.floor((time - START) / 1000) + 60, ...changes },
      },
      this.now,
      { source: SOURCE },
    );
  }
}

export interface AlertChanges {
  /** Packet time, ms; default: when it was sent. */
  packet?: number;
  /** Null: the log shows none. */
  token?: string | null;
  sid?: number;
  fields?: Record<string, unknown>;
}

export function eveTime(ms: number): string {
  return formatInstant(Math.round(ms * 1000)).replace('Z', '+0000');
}

export function tokenOf(probe: Pick<SentProbe, 'path' | 'kind' | 'seq' | 'sent'>, key = KEY): string {
  return formatToken(key, probe);
}

/** The alert that Suricata 7 or 8 writes for a probe. */
export function alertOf(probe: SentProbe, { packet, token, sid, fields }: AlertChanges = {}): Record<string, unknown> {
  const shown = token === undefined ? tokenOf(probe) : token;
  const event: Record<string, unknown> = {
    timestamp: eveTime(packet ?? probe.sent),
    flow_id: 1,
    event_type: 'alert',
    src_ip: probe.source_ip ?? '192.0.2.1',
    dest_ip: probe.destination_ip,
    proto: PROTOCOLS[probe.kind],
    alert: { action: 'allowed', gid: 1, signature_id: sid ?? SID[probe.kind], rev: 1, signature: 'hb', severity: 3 },
  };
  if (probe.source_port !== null) event['src_port'] = probe.source_port;
  if (probe.destination_port !== null) event['dest_port'] = probe.destination_port;
  if (shown !== null) Object.assign(event, said(probe.kind, shown));
  return { ...event, ...fields };
}

function said(kind: ProbeKind, token: string): Record<string, unknown> {
  const name = `${token}.varde-hb.invalid`;
  if (kind === 'dns') return { dns: { query: [{ type: 'query', rrname: name, rrtype: 'A' }] } };
  if (kind === 'http') return { http: { hostname: name, url: '/' } };
  if (kind === 'tls') return { tls: { sni: name } };
  return { payload: Buffer.from(`varde-hb ${token}`).toString('base64') };
}
