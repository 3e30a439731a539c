import type {
  ChainReport,
  HeartbeatState,
  Hop,
  HopReport,
  SensorHealth,
  SensorReport,
  SensorsAnswer,
} from '../../../src/view/api.ts';
import { seeded } from './random.ts';
import { tzspAnswer } from './tzsp.ts';

const ORDER: readonly Hop[] = ['sent', 'answered', 'captured', 'decoded', 'alerted', 'read', 'stored'];
const BIN = 300_000;

const EVIDENCE: Record<Hop, string> = {
  sent: 'probe 8641 was sent 3 s ago, no error',
  answered: 'the target answered 8641 in 0.41 ms',
  captured: 'capture.kernel_packets rose by 1 322 in the last 8 s, no drops',
  decoded: 'decoder.icmpv4 rose by 2 in the last 8 s',
  alerted: 'the line of probe 8641 has the signed token',
  read: 'eve.json was read to its end 1 s ago',
  stored: 'the event is in the store',
  shipped: 'acknowledged',
};

interface ChainMaking {
  kind: ChainReport['kind'];
  now: number;
  state?: HeartbeatState;
  hop?: Hop;
  message?: string;
  remedy?: string;
  cause?: ChainReport['cause'];
  evidence?: string[];
  path?: string;
}

export function chainReport(making: ChainMaking): ChainReport {
  const { kind, now, state = 'alive', hop = null, path = 'lan' } = making;
  const at = hop === null ? ORDER.length : ORDER.indexOf(hop);
  const hops = ORDER.map((name, index): HopReport => {
    const there = index === at;
    const ok: HeartbeatState = index < at ? 'alive' : 'unknown';
    return {
      hop: name,
      state: there ? state : ok,
      evidence: there ? (making.evidence ?? ['nothing came']) : index < at ? [EVIDENCE[name]] : [],
      last: now - (index < at ? 3000 + index * 12 : 252_000),
    };
  });
  const random = seeded(kind.length * 31 + path.length).next;
  const history = Array.from({ length: 288 }, (_, index): [number, number, number, number | null] => {
    const start = Math.floor(now / BIN) * BIN - (287 - index) * BIN;
    // The station was off for an hour in the night: a gap is a gap.
    if (index > 100 && index < 112) return [start, 0, 0, null];
    const lost = index > 200 && index < 204 ? Math.floor(random() * 20) : random() < 0.02 ? 1 : 0;
    return [start, 30, lost, 9 + random() * 8 + (index > 200 && index < 210 ? 60 : 0)];
  });
  const latency = (base: number) => ({ p50: base, p95: base * 1.7, p99: base * 3.2 });
  const window = (name: '5m' | '1h' | '24h', sent: number, lost: number): ChainReport['windows'][number] => ({
    window: name,
    sent,
    lost,
    loss_percent: sent === 0 ? null : (100 * lost) / sent,
    latency: { answered: latency(0.4), alerted: latency(3.1), read: latency(11.2), stored: latency(212) },
  });
  const blind = state === 'blind';
  return {
    path,
    kind,
    target: '192.0.2.10',
    interval_secs: 10,
    state,
    hop,
    cause: making.cause ?? null,
    message: making.message ?? 'Every hop is proven.',
    remedy: making.remedy ?? '',
    identity: kind === 'icmp' ? 'window' : 'token',
    hops,
    windows: [window('5m', 30, blind ? 25 : 0), window('1h', 360, blind ? 25 : 1), window('24h', 8280, 61)],
    last_seen: now - (blind ? 252_000 : 3000),
    last_seq: { sent: 8641, seen: blind ? 8616 : 8641 },
    gaps: [{ from: 6020, to: 6031 }, { from: 7114, to: 7114 }, ...(blind ? [{ from: 8617, to: 8640 }] : [])],
    refused: { forged: 0, replayed: 2, old: 0, future: 0, doubled: 14 },
    history,
  };
}

function health(now: number, changes: Partial<SensorHealth> = {}): SensorHealth {
  const random = seeded(5).next;
  return {
    version: '7.0.10',
    uptime_secs: 262_140,
    stats_time: now - 4100,
    stats_arrived: now - 4000,
    packets: 48_120_331,
    drops: 1204,
    drop_percent: { of_packets: 0, of_both: 0 },
    decoded: 48_119_127,
    invalid_checksums: 12,
    alerts: 3912,
    memcap_drops: 0,
    memuse_percent: 31,
    rules: { loaded: 43_120, failed: 2, skipped: 0 },
    last_reload: now - 41_000_000,
    skew_ms: 14,
    command_socket: 'answers',
    interface: { name: 'mirror0', up: true, packets: 51_002_114 },
    problems: [],
    history: Array.from({ length: 288 }, (_, index): [number, number | null, number | null] => {
      const start = Math.floor(now / BIN) * BIN - (287 - index) * BIN;
      if (index > 100 && index < 112) return [start, null, null];
      return [start, 160 + 90 * Math.sin(index / 40) + random() * 40, index === 203 ? 41 : 0];
    }),
    ...changes,
  };
}

/** Three sensors: one that lives, one whose rule was lost, one that nothing is known of yet. */
export function sensorsAnswer(now: number): SensorsAnswer {
  const broken = {
    state: 'blind' as const,
    hop: 'alerted' as const,
    cause: 'rule_missing' as const,
    message: 'Suricata decodes the probes, but no rule for them is loaded.',
    remedy:
      'Write the rules with "varde probe rules", name the file in rule-files of suricata.yaml, and reload the rules.',
    evidence: [
      'decoder.icmpv4 rose by 2 in the last 8 s',
      'no alert of sid 5100001 for 4 min 12 s',
      '43 rules loaded, 2 before failed',
    ],
  };
  const kinds = ['icmp', 'udp', 'dns', 'http', 'tls'] as const;
  const sensors: SensorReport[] = [
    {
      name: 'attic',
      state: 'blind',
      message: broken.message,
      chains: [
        ...(['icmp', 'dns'] as const).map((kind) => chainReport({ kind, now, path: 'attic', ...broken })),
        chainReport({
          kind: 'http',
          now,
          path: 'attic',
          state: 'late',
          hop: 'read',
          cause: 'reader_late',
          message: 'Unread bytes have been waiting for 14 s.',
          remedy: 'Nothing to do if it catches up; else see docs/sources/file-tail.md.',
        }),
      ],
      health: health(now, {
        rules: { loaded: 41, failed: 2, skipped: 0 },
        drop_percent: { of_packets: 1.24, of_both: 1.22 },
        problems: [
          {
            code: 'capture_drops',
            message: '1.2 % of the packets were dropped in the last 8 s.',
            remedy: 'Give the capture a larger ring (af-packet: ring-size), or more threads.',
          },
        ],
      }),
    },
    {
      name: 'cellar',
      state: 'alive',
      message: 'Every hop is proven.',
      chains: kinds.map((kind) => chainReport({ kind, now })),
      health: health(now),
    },
    {
      name: 'garage',
      state: 'unknown',
      message: 'Just started: no probe has been due yet.',
      chains: [
        chainReport({
          kind: 'icmp',
          now,
          path: 'garage',
          state: 'unknown',
          hop: 'sent',
          cause: 'not_seen_yet',
          message: 'Just started: no probe has been due yet.',
          remedy: 'Wait for two intervals (20 s).',
        }),
      ],
      health: health(now, {
        version: null,
        uptime_secs: null,
        stats_arrived: null,
        rules: null,
        drop_percent: { of_packets: null, of_both: null },
        command_socket: 'not_configured',
        interface: null,
        history: [],
      }),
    },
  ];
  const last = { time: now - 240_000, channel: 'admin', ok: true, message: 'Sensor attic is blind (hop alerted)' };
  return { now, sensors, notify: { channels: ['admin', 'phone'], pending: 0, last }, ...tzspAnswer(now), demo: null };
}
