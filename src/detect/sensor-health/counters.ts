import type { ProbeKind } from '../../probe/sent-probe.ts';
import { parseInstant } from '../../event/time.ts';

/**
 * What Varde reads from the counters of Suricata 7 and 8. Null: the counter is not there (it depends on version, capture method and
 * configuration) or is no count.
 */
export interface Counters {
  uptime_secs: number | null;
  /** Of the capture method. AF_PACKET counts dropped packets too, other methods do not. */
  packets: number | null;
  drops: number | null;
  decoded: number | null;
  /** Per protocol that a probe can have. */
  icmp: number | null;
  udp: number | null;
  tcp: number | null;
  invalid_checksums: number | null;
  alerts: number | null;
  /** Times that something was given up for want of memory: sessions, segments, flows. */
  memcap_drops: number | null;
  /** Memory in use of the memory allowed, percent, of the table that is fullest. */
  memuse_percent: number | null;
  rules: { loaded: number; failed: number; skipped: number | null } | null;
  /** Milliseconds since the epoch. */
  last_reload: number | null;
}

/** More threads than this are not summed: no sensor has them, a forged line may. */
const MAX_THREADS = 1024;
const MAX_ENGINES = 1024;

type Tree = Readonly<Record<string, unknown>>;

/** An object's own property; log lines and answers may hold anything, also keys such as `__proto__`. */
export function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
    ? (value as Tree)[key]
    : undefined;
}

function at(tree: unknown, path: string): unknown {
  let value = tree;
  for (const key of path.split('.')) value = own(value, key);
  return value;
}

/** A count, or null. 64-bit counters may come as bigint; beyond 2^53 the last digits do not matter here. */
function countOf(value: unknown): number | null {
  if (typeof value === 'bigint') return value >= 0n && value < 2n ** 64n ? Number(value) : null;
  return typeof value === 'number' && value >= 0 && value < 2 ** 64 ? value : null;
}

/** Reads the tree of a stats event (`stats`) or of the answer to `dump-counters`. Never throws; null where it is no such tree. */
export function readCounters(tree: unknown): Counters | null {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return null;
  const trees = treesOf(tree);
  const sum = (...paths: string[]): number | null => {
    let total: number | null = null;
    for (const part of trees)
      for (const path of paths) {
        const value = countOf(at(part, path));
        if (value !== null) total = (total ?? 0) + value;
      }
    return total;
  };
  const first = (...paths: string[]): number | null => {
    for (const path of paths) {
      const value = sum(path);
      if (value !== null) return value;
    }
    return null;
  };
  return {
    uptime_secs: countOf(own(tree, 'uptime')),
    // AF_PACKET, libpcap and PF_RING: kernel_*; DPDK, Netmap and AF_XDP: their own names.
    packets: first('capture.kernel_packets', 'capture.packets', 'capture.dpdk.rx_packets', 'capture.rx_packets'),
    drops: first('capture.kernel_drops', 'capture.dpdk.imissed', 'capture.rx_missed_errors', 'capture.drops'),
    decoded: sum('decoder.pkts'),
    icmp: sum('decoder.icmpv4', 'decoder.icmpv6'),
    udp: sum('decoder.udp'),
    tcp: sum('decoder.tcp'),
    invalid_checksums: sum('tcp.invalid_checksum'),
    alerts: sum('detect.alert'),
    memcap_drops: sum('tcp.ssn_memcap_drop', 'tcp.segment_memcap_drop', 'flow.memcap'),
    // Suricata 7: `memcap_pressure`; 8: `memcap.pressure`. Global, never per thread.
    memuse_percent: countOf(at(tree, 'memcap_pressure')) ?? countOf(at(tree, 'memcap.pressure')),
    ...enginesOf(at(tree, 'detect.engines')),
  };
}

/** With `totals: no` the sums are missing and the threads' tables must be added up. */
function treesOf(tree: object): unknown[] {
  if (own(tree, 'decoder') !== undefined || own(tree, 'capture') !== undefined) return [tree];
  const threads = own(tree, 'threads');
  if (typeof threads !== 'object' || threads === null) return [tree];
  return [tree, ...Object.values(threads).slice(0, MAX_THREADS)];
}

/** One engine, or one per tenant: numbers are summed, the newest reload counts. */
function enginesOf(engines: unknown): Pick<Counters, 'rules' | 'last_reload'> {
  if (!Array.isArray(engines)) return { rules: null, last_reload: null };
  let [loaded, failed, skipped, reload] = [0, 0, -1, -1];
  let any = false;
  for (const engine of (engines as unknown[]).slice(0, MAX_ENGINES)) {
    const rules = countOf(own(engine, 'rules_loaded'));
    if (rules !== null) any = true;
    loaded += rules ?? 0;
    failed += countOf(own(engine, 'rules_failed')) ?? 0;
    const passed = countOf(own(engine, 'rules_skipped'));
    if (passed !== null) skipped = Math.max(skipped, 0) + passed;
    const time = own(engine, 'last_reload');
    const millis = typeof time === 'string' ? parseInstant(time) / 1000 : Number.NaN;
    if (millis > reload) reload = millis;
  }
  return {
    rules: any ? { loaded, failed, skipped: skipped < 0 ? null : skipped } : null,
    last_reload: reload < 0 ? null : reload,
  };
}

/** The decoder's counter in which a probe of a kind shows. */
export function protocolOf(kind: ProbeKind): 'icmp' | 'udp' | 'tcp' {
  if (kind === 'icmp') return 'icmp';
  return kind === 'udp' || kind === 'dns' ? 'udp' : 'tcp';
}
