import type { QuarantinePage, SourceReport, StationStatus } from '../../../src/view/api.ts';
import type { FakeEvent } from './day.ts';

/** Lines that were refused, as the quarantine shows them. */
export function refusedLines(now: number): QuarantinePage['lines'] {
  const texts = [
    ['not_json', 'unexpected end at column 61', '{"timestamp":"2026-11-24T09:12:44.102+0100","event_type":"dn'],
    [
      'not_json',
      'unexpected character at column 1',
      '\u001b[31mdisk quota exceeded\u001b[0m <img src=x onerror=alert(1)>',
    ],
    [
      'bad_timestamp',
      'timestamp is "yesterday"',
      '{"timestamp":"yesterday","event_type":"alert","alert":{"signature":"=cmd|calc"}}',
    ],
    ['no_timestamp', '', '{"event_type":"flow","src_ip":"192.168.20.4","note":"abc\u202egnp.exe"}'],
    ['not_an_object', 'the line is a number', '42'],
  ] as const;
  const lines: QuarantinePage['lines'] = texts.map(([code, detail, text], i) => ({
    source: 'file_tail:0',
    path: '/var/log/suricata/eve.json',
    file_id: '5f0c2f3b7e1d9a64',
    offset: 1_048_576 + i * 733,
    length: text.length,
    code,
    detail,
    time: now - i * 3_723_000,
    text,
    hex: null,
  }));
  // Longer than what an answer holds of a line.
  lines.push({
    source: 'file_tail:0',
    path: '/var/log/suricata/eve.json',
    file_id: '5f0c2f3b7e1d9a64',
    offset: 2_097_152,
    length: 90_000,
    code: 'no_timestamp',
    detail: '',
    time: now - 40_000_000,
    text: `{"event_type":"fileinfo","fileinfo":{"filename":"${'0'.repeat(65_536)}`.slice(0, 65_536),
    hex: null,
  });
  lines.push({
    source: 'file_tail:0',
    path: '/var/log/suricata/eve.json.1',
    file_id: '09aa81c2f3b7e1d9',
    offset: 0,
    length: 17_825_792,
    code: 'line_too_long',
    detail: '17825792 bytes',
    time: now - 80_000_000,
    text: null,
    hex: null,
  });
  return lines;
}

const TITLES: Record<string, string> = {
  not_json: 'The line is not valid JSON.',
  bad_timestamp: 'The timestamp cannot be read.',
  no_timestamp: 'The event has no timestamp.',
  not_an_object: 'The line is JSON, but not an object.',
  line_too_long: 'The line is longer than the limit (16 MiB); only its position was kept.',
};

export function quarantinePage(lines: QuarantinePage['lines'], params: URLSearchParams): QuarantinePage {
  const [code, source] = [params.get('code'), params.get('source')];
  const chosen = lines.filter(
    (line) => (code === null || line.code === code) && (source === null || line.source === source),
  );
  const offset = Number(params.get('offset') ?? 0);
  const codes = [...new Set(lines.map((line) => line.code))];
  return {
    total: chosen.length,
    by_code: codes.map((code) => ({
      code,
      source: 'file_tail:0',
      count: lines.filter((line) => line.code === code).length,
      title: TITLES[code]!,
    })),
    lines: chosen.slice(offset, offset + Number(params.get('limit') ?? 50)),
  };
}

export function sourceReport(events: number, quarantined: number, now: number): SourceReport {
  const old = Math.floor(events * 0.45);
  const books = (stored: number, refused: number, flying: number) => ({
    lines_read: stored + refused + flying,
    events_stored: stored,
    lines_quarantined: refused,
    in_flight: flying,
  });
  return {
    id: 'file_tail:0',
    type: 'file_tail',
    parser: 'suricata-eve',
    patterns: ['/var/log/suricata/eve.json*'],
    files: [
      {
        path: '/var/log/suricata/eve.json',
        id: '5f0c2f3b7e1d9a64',
        state: 'current',
        problem: null,
        size: 84_512_331,
        position: 84_512_331,
        modified: now - 1200,
      },
      {
        path: '/var/log/suricata/eve.json.1',
        id: '09aa81c2f3b7e1d9',
        state: 'finished',
        problem: null,
        size: 9_221_004,
        position: 71_003_118,
        modified: now - 41_000_000,
      },
    ],
    lag_bytes: 0,
    last_line: now - 1200,
    accounting: books(events, quarantined, 3),
    by_file: {
      '5f0c2f3b7e1d9a64': books(events - old, Math.max(0, quarantined - 1), 3),
      '09aa81c2f3b7e1d9': books(old, Math.min(1, quarantined), 0),
    },
    problems: [],
  };
}

export function stationStatus(
  events: readonly FakeEvent[],
  quarantined: number,
  now: number,
  started: number,
): StationStatus {
  return {
    version: '0.1.0',
    started,
    now,
    pid: 4711,
    lamp: { state: 'alive', reason: 'Lines are read and stored; the last one came 1 s ago.' },
    reading: { state: 'alive', reason: 'Lines are read and stored; the last one came 1 s ago.' },
    heartbeat: null,
    sources: [sourceReport(events.length, quarantined, now)],
    store: {
      folder: '/var/lib/varde',
      fresh_folder: '/dev/shm/varde-1000',
      events: events.length,
      quarantined,
      segments: { fresh: 3, disk: 24 },
      bytes: { fresh: 1_204_000, disk: 9_410_222, quarantine: 2210 },
      raw_bytes: events.length * 731,
      oldest: events[0]?.ts ?? null,
      newest: events.at(-1)?.ts ?? null,
      disk: { free: 61_300_000_000, total: 118_000_000_000 },
      retention: {
        max_age_secs: 90 * 86_400,
        max_bytes: 20_000_000_000,
        min_free_bytes: 2_000_000_000,
        would_remove_next: null,
        removed_events: 0,
      },
      set_aside: [],
      waiting: null,
      schema_version: 1,
    },
    events_per_sec: 4.2,
    memory_bytes: 143_000_000,
    config_path: '/etc/varde/varde.yaml',
    config_error: null,
    config_restart: [],
    page: 'http://127.0.0.1:8765/',
    demo: false,
  };
}
