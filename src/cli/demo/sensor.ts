import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { loadKey } from '../../probe/key.ts';
import { sidsOf } from '../../probe/rules.ts';
import type { ProbeKind, SentProbe } from '../../probe/sent-probe.ts';
import { formatToken } from '../../probe/token.ts';
import { formatStamp } from './recording.ts';

/** What the demo's sensor is told to do wrong. */
export type DemoFault = 'mirror' | 'rule';

export const FAULTS: Readonly<Record<DemoFault, string>> = {
  mirror: 'The cable of the mirror port was pulled: Suricata captures nothing.',
  rule: 'The heartbeat rule was lost: Suricata decodes the probes, but raises no alert.',
};

const STATION = '10.20.0.5';
const TARGET = '10.20.0.20';
const PORTS: Readonly<Record<ProbeKind, number>> = { icmp: 0, udp: 9, dns: 53, http: 80, tls: 443 };
const STATS_MS = 3000;

/** The part of the config that the demo's sensor goes by. */
export const DEMO_PROBES = {
  paths: [
    {
      name: 'home',
      target: TARGET,
      kinds: ['icmp', 'dns', 'http', 'tls'],
      interval_secs: 3,
      jitter_percent: 0,
      send: 'elsewhere',
    },
  ],
};

interface DemoSensorOptions {
  config: Config;
  append(lines: string[]): void;
  report(probe: SentProbe): void;
  /** From 0 up to 1; for tests. */
  random?: () => number;
  now?: () => number;
}

/**
 * A small made-up sensor: it writes for each probe the line that Suricata would write, with a true token, and its stats every few seconds.
 * Nothing is sent anywhere. A fault breaks one hop, until it is taken back.
 */
export class DemoSensor {
  private readonly options: DemoSensorOptions;
  private readonly timers: NodeJS.Timeout[] = [];
  private key: Buffer | null = null;
  private readonly seqs = new Map<ProbeKind, number>();
  private packets = 1_204_113;
  private alerts = 311;
  private readonly decoded = { icmpv4: 2041, udp: 318_220, tcp: 871_904 };
  private uptime = 262_140;
  private reloaded = 0;
  private next: DemoFault = 'mirror';
  fault: DemoFault | null = null;

  constructor(options: DemoSensorOptions) {
    this.options = options;
  }

  /** The station has been started: its key is there. @throws VardeError probe_key */
  start(): void {
    const { config } = this.options;
    this.reloaded = this.now() - this.uptime * 1000;
    this.key = loadKey(config.probes.key_file ?? join(config.data, 'probe.key'), { create: true });
    for (const path of config.probes.paths) {
      const sids = [...sidsOf(config.probes.paths, config.probes.sid_base)].filter(
        ([, owner]) => owner.path === path.name,
      );
      for (const [sid, { kind }] of sids) this.every(path.interval_secs * 1000, () => this.probe(path.name, kind, sid));
    }
    this.every(STATS_MS, () => this.stats());
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** Breaks the next hop in turn, or mends the one that is broken. */
  set(broken: boolean): void {
    if (broken === (this.fault !== null)) return;
    // Rules come and go with a reload.
    if (this.fault === 'rule' || (broken && this.next === 'rule')) this.reloaded = this.now();
    this.fault = broken ? this.next : null;
    if (broken) this.next = this.next === 'mirror' ? 'rule' : 'mirror';
  }

  private every(ms: number, work: () => void): void {
    work();
    this.timers.push(setInterval(work, ms));
  }

  private probe(path: string, kind: ProbeKind, sid: number): void {
    const sent = Math.floor(this.now());
    const seq = (this.seqs.get(kind) ?? 0) + 1;
    this.seqs.set(kind, seq);
    const probe: SentProbe = {
      path,
      kind,
      seq,
      sent,
      source_ip: STATION,
      source_port: kind === 'icmp' ? null : 40_000 + ((seq * 7) % 20_000),
      destination_ip: TARGET,
      destination_port: kind === 'icmp' ? null : PORTS[kind],
      error: null,
      answered_ms: null,
    };
    this.options.report(probe);
    this.later(1 + this.random() * 2, () => this.options.report({ ...probe, answered_ms: 0.3 + this.random() }));
    if (this.fault === 'mirror') return;
    this.decoded[kind === 'icmp' ? 'icmpv4' : kind === 'dns' || kind === 'udp' ? 'udp' : 'tcp']++;
    if (this.fault === 'rule') return;
    this.alerts++;
    const token = formatToken(this.key!, { path, kind, seq, sent });
    const line = alertLine(probe, sid, token, sent * 1000 + 400);
    this.later(3 + this.random() * 25, () => this.options.append([line]));
  }

  private stats(): void {
    this.uptime += STATS_MS / 1000;
    if (this.fault !== 'mirror') {
      const more = 900 + Math.floor(this.random() * 600);
      this.packets += more;
      this.decoded.tcp += Math.floor(more * 0.7);
      this.decoded.udp += Math.floor(more * 0.25);
      this.decoded.icmpv4 += 2;
    }
    const { uptime, packets, decoded, alerts } = this;
    const stats = {
      uptime,
      capture: { kernel_packets: packets, kernel_drops: 0, errors: 0, afpacket: { busy_loop_avg: 0, polls: packets } },
      decoder: { pkts: packets, bytes: packets * 412, invalid: 0, ipv4: packets, ...decoded },
      tcp: {
        memuse: 606_208,
        invalid_checksum: 0,
        reassembly_memuse: 98_304,
        ssn_memcap_drop: 0,
        segment_memcap_drop: 0,
      },
      flow: { memcap: 0, memuse: 7_394_304 },
      detect: {
        engines: [
          {
            id: 0,
            last_reload: formatStamp(this.reloaded * 1000),
            rules_loaded: this.fault === 'rule' ? 39 : 43,
            rules_failed: 0,
            rules_skipped: 0,
          },
        ],
        alert: alerts,
        alert_queue_overflow: 0,
        alerts_suppressed: 0,
      },
    };
    const timestamp = formatStamp(Math.floor(this.now() * 1000));
    this.options.append([JSON.stringify({ timestamp, event_type: 'stats', stats })]);
  }

  private later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.splice(this.timers.indexOf(timer), 1);
      work();
    }, ms);
    this.timers.push(timer);
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private random(): number {
    return (this.options.random ?? Math.random)();
  }
}

/** The line of Suricata 7 for a probe that its rule saw. `micros`: when the packet was captured. */
export function alertLine(probe: SentProbe, sid: number, token: string, micros: number): string {
  const { kind } = probe;
  const timestamp = formatStamp(micros);
  const name = `${token}.varde-hb.invalid`;
  const ports = kind === 'icmp' ? { icmp_type: 8, icmp_code: 0 } : {};
  const said = {
    icmp: { payload_printable: `varde-hb ${token}` },
    udp: { payload_printable: `varde-hb ${token}` },
    dns: {
      dns: { query: [{ type: 'query', id: probe.seq % 65_536, rrname: name, rrtype: 'A', tx_id: 0, opcode: 0 }] },
    },
    http: { http: { hostname: name, url: '/', http_method: 'HEAD', protocol: 'HTTP/1.1', length: 0 } },
    tls: { tls: { sni: name, version: 'UNDETERMINED' } },
  }[kind];
  return JSON.stringify({
    timestamp,
    flow_id: 1_000_000_000_000 + probe.seq * 16 + probe.kind.length,
    in_iface: 'mirror0',
    event_type: 'alert',
    src_ip: probe.source_ip,
    ...(probe.source_port === null ? {} : { src_port: probe.source_port }),
    dest_ip: probe.destination_ip,
    ...(probe.destination_port === null ? {} : { dest_port: probe.destination_port }),
    proto: kind === 'icmp' ? 'ICMP' : kind === 'dns' || kind === 'udp' ? 'UDP' : 'TCP',
    ...ports,
    pkt_src: 'wire/pcap',
    alert: {
      action: 'allowed',
      gid: 1,
      signature_id: sid,
      rev: 1,
      signature: `VARDE heartbeat ${probe.path} ${kind}`,
      category: 'Misc activity',
      severity: 3,
    },
    ...said,
    direction: 'to_server',
  });
}
