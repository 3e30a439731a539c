import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatStamp } from '../../src/cli/demo/recording.ts';
import { alertLine } from '../../src/cli/demo/sensor.ts';
import { postJson } from '../../src/cli/station-client.ts';
import { loadKey } from '../../src/probe/key.ts';
import { sidsOf } from '../../src/probe/rules.ts';
import type { SentProbe } from '../../src/probe/sent-probe.ts';
import { formatToken } from '../../src/probe/token.ts';

const SID_BASE = 5_100_001;
const PATH = {
  name: 'lan',
  target: '192.0.2.10',
  kinds: ['icmp' as const],
  interval_secs: 1,
  jitter_percent: 0,
  send: 'elsewhere' as const,
};
const SID = [...sidsOf([PATH], SID_BASE).keys()][0]!;

/** The part of a station's config that goes with {@link Heart}. */
export const HEART_PROBES = { sid_base: SID_BASE, paths: [PATH] };

/** A sensor and a sender in one: each second a probe is reported to the station, and the line that Suricata would write about it is written. */
export class Heart {
  /** The sensor sees the probe no more; all else goes on. */
  blind = false;
  private readonly data: string;
  private readonly eve: string;
  private readonly timer: NodeJS.Timeout;
  private seq = 0;

  /** @param eve the log that the station follows */
  constructor(data: string, eve: string) {
    this.data = data;
    this.eve = eve;
    this.timer = setInterval(() => void this.beat().catch(() => undefined), PATH.interval_secs * 1000);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async beat(): Promise<void> {
    const keyFile = join(this.data, 'probe.key');
    if (!existsSync(keyFile)) return; // The station makes it at its start.
    const [seq, sent] = [++this.seq, Date.now()];
    const probe: SentProbe = {
      path: PATH.name,
      kind: 'icmp',
      seq,
      sent,
      source_ip: '192.0.2.1',
      source_port: null,
      destination_ip: PATH.target,
      destination_port: null,
      error: null,
      answered_ms: null,
    };
    const stats = {
      uptime: seq,
      capture: { kernel_packets: seq * 20, kernel_drops: 0 },
      decoder: { pkts: seq * 20, icmpv4: seq * 20 },
    };
    const lines = [JSON.stringify({ timestamp: formatStamp(sent * 1000), event_type: 'stats', stats })];
    const token = formatToken(loadKey(keyFile, { create: false }), { path: PATH.name, kind: 'icmp', seq, sent });
    if (!this.blind) lines.push(alertLine(probe, SID, token, sent * 1000 + 300));
    appendFileSync(this.eve, `${lines.join('\n')}\n`);
    await postJson(this.data, '/api/probes/sent', { probes: [probe] });
  }
}
