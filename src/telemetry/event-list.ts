import type { LogLevel } from './logger.ts';
import type { MetricDeclaration } from './metric.ts';
import { METRICS } from './metric-list.ts';

/** A thing that happens and that people or machines want to know: logged and counted by one `emit`. */
export interface EventDeclaration<F extends string = string> {
  /** Snake case, noun and past participle: what happened to what. Stable. */
  name: string;
  level: Exclude<LogLevel, 'silent'>;
  /** The sentence in the log. */
  message: string;
  /** What each field holds, for the reference page. Every field is given at each emission. */
  fields: Readonly<Record<F, string>>;
  /** A field whose number is also observed, divided by `per` (milliseconds become seconds). */
  observes?: { field: F; metric: MetricDeclaration<'histogram', never>; per: number };
}

const event =
  <const F extends string = never>(
    level: EventDeclaration['level'],
    message: string,
    fields?: Record<F, string>,
    observes?: EventDeclaration<NoInfer<F>>['observes'],
  ) =>
  (name: string): EventDeclaration<F> => ({
    name,
    level,
    message,
    fields: fields ?? ({} as Record<F, string>),
    observes,
  });

/** Gives each event the name of its key. */
function named<T extends Record<string, (name: string) => EventDeclaration>>(
  list: T,
): { readonly [K in keyof T]: ReturnType<T[K]> } {
  return Object.fromEntries(Object.entries(list).map(([name, make]) => [name, make(name)])) as {
    [K in keyof T]: ReturnType<T[K]>;
  };
}

/** Every named event of Varde: the one list; `docs/reference/telemetry.md` is generated from it. */
export const EVENTS = named({
  station_started: event('info', 'The station starts.', {
    version: 'version of Varde',
    config: 'path of the config, or empty',
    data: 'data folder',
  }),
  station_ready: event('info', 'The station is ready.', { took_ms: 'milliseconds since the start' }),
  station_stopping: event('info', 'The station drains and stops.', { cause: 'signal or reason' }),
  station_stopped: event('info', 'The station has stopped.', { took_ms: 'milliseconds that it took' }),
  config_reloaded: event('info', 'The config was read again and is in force.', {
    config: 'path',
    changed: 'keys that changed',
  }),
  config_needs_restart: event('warn', 'Keys of the config changed that come into force only at a restart.', {
    config: 'path',
    keys: 'the keys',
  }),
  config_refused: event('error', 'The changed config has an error; the old one stays in force.', { config: 'path' }),

  source_started: event('info', 'A source is followed.', {
    source: 'source id',
    patterns: 'its globs',
    files: 'number of files found',
  }),
  file_found: event('info', 'A file is read.', {
    source: 'source id',
    path: 'file',
    from: 'byte offset where reading starts',
  }),
  file_rotated: event('info', 'A file was rotated; its rest is read first.', {
    source: 'source id',
    path: 'old path',
    to: 'new path, or empty',
  }),
  file_truncated: event('info', 'A file was truncated and is read from its start.', {
    source: 'source id',
    path: 'file',
    position: 'offset before',
  }),
  file_finished: event('debug', 'A file that can grow no more is read to its end.', {
    source: 'source id',
    path: 'file',
  }),
  file_left: event('warn', 'The end came before a deleted or renamed file was read; import it from where it is now.', {
    source: 'source id',
    path: 'file, as it was followed',
    now_at: 'where it is now, or empty',
    from: 'byte offset of the first byte that was not read',
    size: 'its size in bytes',
  }),
  file_unreadable: event('warn', 'A file may not be read.', { source: 'source id', path: 'file' }),
  file_broken: event('warn', 'A compressed file is damaged; what stands before the damage is stored.', {
    source: 'source id',
    path: 'file',
  }),
  lines_quarantined: event('warn', 'Lines could not be stored as events and are kept in the quarantine.', {
    source: 'source id',
    path: 'file of the first one',
    count: 'how many',
    reason: 'reject code of the first one',
  }),

  store_opened: event('info', 'The store is open.', {
    folder: 'data folder',
    events: 'events in it',
    segments: 'segments in it',
    took_ms: 'milliseconds',
  }),
  store_closed: event('info', 'The store is closed; everything is on disk.', { took_ms: 'milliseconds' }),
  batch_committed: event(
    'debug',
    'A batch is committed.',
    {
      rows: 'events',
      quarantined: 'lines',
      bytes: 'bytes written',
      took_ms: 'milliseconds',
    },
    { field: 'took_ms', metric: METRICS.store_commit_duration, per: 1000 },
  ),
  commit_waiting: event('error', 'Commits wait; reading goes on as far as memory allows.', {
    code: 'error code',
    reason: 'plain words',
  }),
  commit_resumed: event('info', 'Commits go on.', { waited_ms: 'milliseconds that they waited' }),
  segments_merged: event('debug', 'Fresh segments are merged to disk.', {
    segments: 'how many',
    rows: 'events',
    bytes: 'bytes written',
    took_ms: 'milliseconds',
  }),
  segment_set_aside: event('error', 'A damaged segment was set aside; the others are intact.', {
    segment: 'file name',
    reason: 'what is wrong with it',
  }),
  segment_removed: event('info', 'Retention removed a segment.', {
    segment: 'file name',
    rows: 'events',
    reason: 'age, size or free disk',
  }),
  store_noted: event('debug', 'The store notes something.', { what: 'name that the store gives it' }),
  quarantine_retried: event('info', 'The quarantine was parsed again.', {
    tried: 'lines',
    stored: 'lines that are events now',
  }),

  heartbeat_failed: event('warn', 'A sensor is blind or late.', {
    sensor: 'name of the sensor',
    from: 'state before',
    to: 'blind or late',
    cause: 'code of the cause, or empty',
    reason: 'plain words',
  }),
  heartbeat_changed: event('info', 'The state of a sensor changed.', {
    sensor: 'name of the sensor',
    from: 'state before',
    to: 'alive or unknown',
    cause: 'code of the cause, or empty',
    reason: 'plain words',
  }),
  probe_key_refused: event('error', 'The key of the probes cannot be used: no heartbeat is sent or seen.', {
    path: 'file',
    reason: 'plain words',
  }),
  probe_sender_hindered: event('warn', 'Something is in the way of sending probes.', { what: 'plain words' }),
  heartbeat_restored: event('info', 'The heartbeat goes on from what it knew before.', {
    saved_ms_ago: 'age of what it knew, milliseconds',
  }),
  heartbeat_state_refused: event('warn', 'What the heartbeat knew before cannot be read; it begins anew.', {
    path: 'file',
  }),
  heartbeat_state_unwritten: event('warn', 'What the heartbeat knows cannot be written.', { path: 'file' }),

  page_listening: event('info', 'The page is served.', { address: 'web address, or path of the socket' }),
  request_refused: event('warn', 'A request was refused because of where it came from.', {
    reason: 'host, origin or cross_site',
    route: 'path pattern',
  }),
  request_failed: event('error', 'A request failed.', { route: 'path pattern', code: 'error code' }),
  live_refused: event('warn', 'A live stream was refused: too many are open.', { open: 'open streams' }),

  tzsp_started: event('info', 'TZSP streams are received.', { listen: 'addresses' }),
  tzsp_failed: event('error', 'TZSP streams cannot be received; it is tried again.', {}),
  tzsp_file_trouble: event('warn', 'A finished capture file could not be compressed, or an old one not deleted.', {
    message: 'what failed',
  }),

  notification_sent: event('info', 'A message was delivered.', {
    channel: 'channel',
    kind: 'problem, reminder or recovery',
    attempt: 'which attempt',
  }),
  notification_failed: event('warn', 'A message could not be delivered; it is tried again.', {
    channel: 'channel',
    kind: 'problem, reminder or recovery',
    attempt: 'which attempt',
    reason: 'what the other side said',
  }),
  notification_dropped: event('error', 'A message was given up.', {
    channel: 'channel',
    kind: 'problem, reminder or recovery',
    reason: 'why',
  }),

  defect_met: event('error', 'Something failed that should not have: a defect of Varde.', {
    where: 'part of the program',
  }),
});
