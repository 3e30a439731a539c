import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatStamp } from '../../src/cli/demo/recording.ts';
import { alertLine } from '../../src/cli/demo/sensor.ts';
import { Series } from '../../src/detect/heartbeat/series.ts';
import { snapshotOf } from '../../src/detect/heartbeat/snapshot.ts';
import { writeSaved } from '../../src/pipeline/heartbeat-file.ts';
import { loadKey } from '../../src/probe/key.ts';
import { sidsOf } from '../../src/probe/rules.ts';
import { PROBE_KINDS, type ProbeKind, type SentProbe } from '../../src/probe/sent-probe.ts';
import { formatToken, pathTag } from '../../src/probe/token.ts';
import { statsLine } from './eve-lines.ts';
import type { StationFiles } from './station.ts';
import type { Workplace } from './workplace.ts';

export const INTERVAL_SECS = 10;
const STATS_SECS = 8;
const DAY_PROBES = 86_400 / INTERVAL_SECS;
const SID_BASE = 5_100_001;
/** Where the targets of a fleet listen: on addresses of their own, all of them this machine's. */
export const PORTS = { udp: 47_009, dns: 47_053, http: 47_080, tls: 47_443 } as const;

/** What a station of the fleet does: nothing for heartbeats, takes reports of probes that others send, or sends them itself. */
export type Sending = 'off' | 'elsewhere' | 'station';

/** Many sensors on one station, each with a log of its own and five kinds of probes. */
export class Fleet {
  readonly files: StationFiles;
  readonly key: Buffer;
  readonly names: readonly string[];
  private readonly sids = new Map<string, number>();
  private readonly byTag = new Map<string, string>();

  /** @param sending what stands in the config */
  constructor(place: Workplace, name: string, sensors: number, sending: Sending) {
    const logs = place.folder(`${name}-log`);
    const data = place.folder(`${name}-data`);
    this.files = { config: place.path(`${name}.yaml`), data, logs };
    this.names = Array.from({ length: sensors }, (_, i) => `sensor-${i + 1}`);
    for (const sensor of this.names) {
      mkdirSync(join(logs, sensor));
      writeFileSync(this.log(sensor), '');
      this.byTag.set(pathTag(sensor), sensor);
    }
    const paths = this.names.map((sensor, i) => ({
      name: sensor,
      sensor,
      target: targetOf(i),
      kinds: [...PROBE_KINDS],
      interval_secs: INTERVAL_SECS,
      ...Object.fromEntries(Object.entries(PORTS).map(([kind, port]) => [`${kind}_port`, port])),
    }));
    for (const [sid, { path, kind }] of sidsOf(paths, SID_BASE)) this.sids.set(`${path} ${kind}`, sid);
    const config = {
      data,
      sources: this.names.map((sensor) => ({ type: 'file_tail', parser: 'suricata-eve', paths: [this.log(sensor)] })),
      store: { fresh_folder: place.fresh(name) },
      web: { enabled: false },
      log: { level: 'warn' },
      ...(sending === 'off'
        ? {}
        : {
            sensors: this.names.map((sensor, i) => ({ name: sensor, sources: [i] })),
            probes: { sid_base: SID_BASE, paths: paths.map((path) => ({ ...path, send: sending })) },
          }),
    };
    writeFileSync(this.files.config, JSON.stringify(config)); // JSON is YAML.
    this.key = loadKey(join(data, 'probe.key'), { create: true });
  }

  private log(sensor: string): string {
    return join(this.files.logs, sensor, 'eve.json');
  }

  /** What the station would know after a day: its memory must not be that of a young one. The next probe has the number after it. */
  async rememberDay(): Promise<{ next: number }> {
    const now = Date.now();
    const day = snapshotOf(dayOf(now));
    const series = this.names.flatMap((path) => PROBE_KINDS.map((kind) => ({ ...day, path, kind })));
    const heartbeat = { version: 1, series, sensors: [] };
    await writeSaved(join(this.files.data, 'heartbeat.json'), { saved: now, heartbeat });
    const next = DAY_PROBES + 1;
    const numbers = this.names.flatMap((path) => PROBE_KINDS.map((kind) => [`${path} ${kind}`, next]));
    writeFileSync(join(this.files.data, 'probe-seq.json'), JSON.stringify({ version: 1, next: numbers }));
    return { next };
  }

  /** The line of Suricata about a probe that it saw just now. */
  write(path: string, probe: SentProbe): void {
    const { kind, seq, sent } = probe;
    const token = formatToken(this.key, { path, kind, seq, sent });
    const sid = this.sids.get(`${path} ${kind}`)!;
    appendFileSync(this.log(path), `${alertLine(probe, sid, token, Date.now() * 1000)}\n`);
  }

  /** Each sensor's stats, one after the other within eight seconds. `done`: what part of them is written already. */
  writeStats(sensor: number, uptime: number): void {
    const line = statsLine(uptime, formatStamp(Date.now() * 1000));
    appendFileSync(this.log(this.names[sensor]!), `${line}\n`);
  }

  /** The path of a tag that stands in a token. */
  pathOf(tag: string): string | null {
    return this.byTag.get(tag) ?? null;
  }
}

export const STATS_PER_SENSOR_MS = STATS_SECS * 1000;

export function targetOf(sensor: number): string {
  return `127.1.${Math.floor(sensor / 250)}.${(sensor % 250) + 1}`;
}

export function probeOf(path: string, index: number, kind: ProbeKind, seq: number, sent: number): SentProbe {
  return {
    path,
    kind,
    seq,
    sent,
    source_ip: '127.0.0.1',
    source_port: kind === 'icmp' ? null : 32_768 + ((seq * 7919 + index * 13) % 28_000),
    destination_ip: targetOf(index),
    destination_port: kind === 'icmp' ? null : PORTS[kind],
    error: null,
    answered_ms: null,
  };
}

/** One chain after a day of probes, with latencies that spread as real ones do, and one probe in two hundred lost. */
function dayOf(now: number): Series {
  const options = { name: 'day', sensor: 'day', target: '127.1.0.1', kinds: PROBE_KINDS };
  const series = new Series({ ...options, interval_secs: INTERVAL_SECS, jitter_percent: 10 }, 'udp');
  const spread = (seq: number, least: number, factor: number): number => least * factor ** (((seq * 7919) % 997) / 997);
  for (let seq = 1; seq <= DAY_PROBES; seq++) {
    const sent = now - (DAY_PROBES - seq + 1) * INTERVAL_SECS * 1000;
    const probe = { ...probeOf('day', 0, 'udp', seq, sent), answered_ms: spread(seq, 0.2, 8) };
    series.tell(probe, sent);
    if (seq % 200 === 0) continue;
    const seen = { packet: sent + spread(seq, 0.3, 6), arrived: sent + spread(seq, 20, 30), skew: 0 };
    const sighting = series.seeToken(seq, sent, seen);
    if (typeof sighting === 'string') throw new Error(`a probe of the day was refused: ${sighting}`);
    series.store(seq, sent, sent + spread(seq, 300, 8));
    series.settle(sent);
  }
  return series;
}
