/**
 * The HTTP API that the page and the command line (through the station's socket) use. Types only: the browser's side imports this file.
 *
 * All under `/api/`. Times in queries and answers are microseconds since the epoch unless a name says otherwise. Common query parameters:
 * `q` (search expression, default `*`), `from`, `to` (microseconds, or ISO 8601, or relative such as `24h`; absent = open).
 * Answers of overview, timeline, top and count carry `incomplete: true` where a damaged segment had to be left out.
 * Errors: status from the registry and `ApiError` as body.
 *
 * GET  /api/overview?from&to            → Overview (one call for the first screen; parts are computed in parallel)
 * GET  /api/timeline?q&from&to&by&bins  → TimelineAnswer (by: field, default event.action; bins ≤ 2000)
 * GET  /api/top?q&from&to&field&limit[&bytes=1] → TopAnswer
 * GET  /api/count?q&from&to             → { count }
 * GET  /api/events?q&from&to&columns=a,b&limit&after&sort → NDJSON stream of ListMessage, newest first (sort=oldest: no cursor)
 * GET  /api/event?id                    → EventDetail
 * GET  /api/neighbours?id&limit&columns → { flow: EventRow[]; community: EventRow[] }, oldest first; columns as in /api/events
 * GET  /api/nearest?q&from&to           → { before, after } (microseconds or null)
 * GET  /api/export?q&from&to&columns&format=csv|ndjson|raw&limit&sort → streamed download; ndjson without columns: whole documents
 * GET  /api/fields                      → FieldInfo[] (columns first, then documented fields)
 * GET  /api/values?field&prefix&q&from&to → { values: { value, count }[] } for completion
 * GET  /api/explain?q                   → { ok: true, columns: boolean, hints } or ApiError with position: checks an expression while typing
 * GET  /api/empty?q&from&to             → EmptyReason: why nothing is shown
 * GET  /api/quarantine?limit&offset&source&code → QuarantinePage; it ends before the limit where its lines are long (limit=0: the counts)
 * GET  /api/quarantine/export?limit&source&code → streamed NDJSON of QuarantinedLineJson, uncut: `text`, or `hex` where it is not UTF-8
 * POST /api/quarantine/retry          → { tried, stored }
 * GET  /api/status                      → StationStatus
 * GET  /api/sensors?sensor&brief=1      → SensorsAnswer: each sensor (or the one named) with its chains of hops, its health, and the notifications;
 *                                         brief leaves out the histories of the plots
 * POST /api/probes/sent { probes: SentProbe[], reported_at?: ms } → { taken, refused }: what senders elsewhere report; on the Unix socket only
 * POST /api/demo { broken: boolean }    → { broken }: breaks and mends a hop of the demo's sensor; not_found outside of the demo
 * GET  /api/live?q&columns&rows         → text/event-stream: `rows` (EventRow[] newly stored and matching), `status` (LiveStatus, each second at most);
 *                                         columns as in /api/events; rows=0: `status` only (the overview needs no more); also `gap` (more rows came than
 *                                         are sent: ask the list again) and `problem` (ApiError; the stream goes on)
 * POST /api/sql { statement }           → { columns, rows }
 * POST /api/import { paths, parser? }   → NDJSON of { progress }, then { result } or ApiError; on the Unix socket only
 * GET  /metrics, /healthz
 * GET  /, /overview, /events, /sensors  → the page (dist/web/index.html, no-cache); /assets/… are hashed (immutable, a year)
 */
import type { EventRow, StoreStatus, TimelineAnswer, TopAnswer } from '../store/store.ts';
import type { SourceStatus } from '../source/source.ts';
import type { TzspReport } from '../packet/tzsp/report.ts';
import type { JsonValue } from '../event/json.ts';
import type {
  ChainReport,
  HeartbeatState,
  Hop,
  HopReport,
  SensorHealth,
  SensorReport,
  SensorsReport,
} from '../detect/heartbeat/report.ts';

export type { EventRow, StoreStatus, TimelineAnswer, TopAnswer, SourceStatus };
export type { TzspReport };
export type { ChainReport, HeartbeatState, Hop, HopReport, SensorHealth, SensorReport };

export interface ApiError {
  error: {
    code: string;
    message: string;
    remedy: string;
    /** For query_syntax: `position` (0-based column in the expression), `length`, `hint`. */
    details: Record<string, string | number>;
  };
}

/** Messages of the /api/events stream, one JSON object a line. */
export type ListMessage =
  | { rows: EventRow[] }
  | { progress: { done: number; total: number } }
  | { end: { next: string | null; partial: boolean; took_ms: number } }
  | ApiError;

export interface EventDetail {
  id: string;
  ts: number;
  /** The line as text; `line_hex` instead where it is not valid UTF-8. */
  line: string | null;
  line_hex: string | null;
  /** 64-bit integers come as { "$int": "18446744073709551615" }. */
  document: JsonValue;
  path: string;
}

export interface FieldInfo {
  name: string;
  /** Short names accepted in the search language. */
  aliases: string[];
  type: 'text' | 'number' | 'ip' | 'time';
  title: string;
  column: boolean;
}

export interface Accounting {
  lines_read: number;
  events_stored: number;
  lines_quarantined: number;
  /** Lines read but not yet committed. `lines_read = events_stored + lines_quarantined + in_flight`. */
  in_flight: number;
}

export interface SourceReport extends SourceStatus {
  accounting: Accounting;
  /** Accounting per file id. */
  by_file: Record<string, Accounting>;
  /** Plain words: is anything wrong, and the remedy. */
  problems: { code: string; message: string; remedy: string }[];
}

export type Lamp = 'alive' | 'late' | 'blind' | 'unknown';

export interface StationStatus {
  version: string;
  started: number;
  /** Milliseconds since the epoch at the station. */
  now: number;
  pid: number;
  /** Worst of the two below: what people see. */
  lamp: { state: Lamp; reason: string };
  /** The station's own part: is all that was written read and stored? /healthz tells of this alone. */
  reading: { state: Lamp; reason: string };
  /** The heartbeat's part: does the traffic become events? Null where no probe path is configured. */
  heartbeat: { state: Lamp; reason: string } | null;
  sources: SourceReport[];
  store: StoreStatus;
  events_per_sec: number;
  memory_bytes: number;
  config_path: string | null;
  config_error: string | null;
  /** Keys that changed in the config file but come into force only at a restart. */
  config_restart: string[];
  /** Address of the page; null where none is served. */
  page: string | null;
  demo: boolean;
}

export interface TzspProblem {
  code: string;
  /** `blind`: nothing comes through there. */
  state: 'late' | 'blind';
  message: string;
  remedy: string;
}

export interface SensorsAnswer extends SensorsReport {
  /** The receiver of TZSP streams; null where none is configured, or where it does not run (then a problem says why). */
  tzsp: TzspReport | null;
  /** What is wrong with it, worst first. */
  tzsp_problems: TzspProblem[];
  /** In the demo: whether its hop is broken just now. */
  demo: { broken: boolean } | null;
}

export interface LiveStatus {
  lamp: StationStatus['lamp'];
  events: number;
  events_per_sec: number;
  newest: number | null;
  in_flight: number;
  quarantined: number;
}

/** In the answers of overview, timeline, top and count: a damaged segment was left out (and set aside), so numbers may be too small. */
export interface Incomplete {
  incomplete?: true;
}

export interface Overview extends Incomplete {
  from: number;
  to: number;
  events_by_type: TimelineAnswer;
  alerts_by_severity: TimelineAnswer;
  totals: { events: number; alerts: number; sources: number; destinations: number; signatures: number };
  top: Record<'signatures' | 'sources' | 'destinations' | 'ports' | 'dns' | 'sni' | 'hosts', TopAnswer>;
  took_ms: number;
}

/** Why a list is empty; exactly one is true, the first that applies. */
export type EmptyReason =
  | { reason: 'not_configured'; command: string }
  | { reason: 'no_events'; sources: SourceReport[] }
  | { reason: 'source_unreadable'; path: string; message: string; remedy: string }
  | { reason: 'none_match'; in_range: number; nearest: { before: number | null; after: number | null } }
  | {
      reason: 'none_in_range';
      nearest: { before: number | null; after: number | null };
      source_late: { path: string; last_line: number } | null;
    }
  | { reason: 'retention'; oldest: number };

export interface QuarantinePage {
  total: number;
  by_code: { code: string; source: string; count: number; title: string }[];
  lines: QuarantinedLineJson[];
}

export interface QuarantinedLineJson {
  source: string;
  path: string;
  file_id: string;
  offset: number;
  length: number;
  code: string;
  detail: string;
  time: number;
  /** Text of the line; null where only the position was kept. In a page with invalid bytes replaced, and cut at 64 kB. */
  text: string | null;
  /** Where the line is not UTF-8: its bytes, in a page cut at 64 kB. */
  hex: string | null;
}
