import { EVENTS, type EventDeclaration } from './event-list.ts';
import { createLogger, type LogFields, type Logger, type LoggerOptions } from './logger.ts';
import { METRICS } from './metric-list.ts';
import { createMetrics, type Metrics } from './metrics.ts';

/** The fields of an event as `emit` wants them; `error` may come with any. */
export type EventFields<E extends EventDeclaration> = { [K in keyof E['fields']]: unknown } & { error?: unknown };

export interface Telemetry {
  log: Logger;
  metrics: Metrics;
  /** Logs a named event and counts it, once: `emit(EVENTS.segment_set_aside, { segment, reason })`. */
  emit<E extends EventDeclaration>(event: E, fields: EventFields<E>): void;
  /** The same by name, for rooms that only have a `log(event, fields)` hook; a name that is not in the list is logged as `store_noted`. */
  emitByName(name: string, fields: LogFields): void;
}

export interface TelemetryOptions extends LoggerOptions {
  /** Milliseconds since the epoch; for tests. */
  now?: () => number;
}

/** An event is logged at most this often a minute (and always counted): a broken file cannot flood the journal. */
export const MAX_LOGGED_PER_MINUTE = 120;

/** The logger, the metrics and the named events of one process. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const now = options.now ?? Date.now;
  const log = createLogger(options);
  const metrics = createMetrics(Object.values(METRICS));
  const minutes = new Map<string, { minute: number; logged: number; suppressed: number }>();

  /** Null where the event is to be counted only; else how many were left out before it. */
  function admit(name: string): number | null {
    const minute = Math.floor(now() / 60_000);
    const state = minutes.get(name);
    if (!state || state.minute !== minute) {
      minutes.set(name, { minute, logged: 1, suppressed: 0 });
      return state?.suppressed ?? 0;
    }
    if (state.logged >= MAX_LOGGED_PER_MINUTE) {
      state.suppressed++;
      return null;
    }
    state.logged++;
    return 0;
  }

  function emit(event: EventDeclaration, fields: LogFields): void {
    metrics.add(METRICS.telemetry, 1, { event: event.name, code: codeOf(fields) });
    if (event.observes !== undefined) {
      const value = fields[event.observes.field];
      if (typeof value === 'number') metrics.observe(event.observes.metric, value / event.observes.per);
    }
    const suppressed = admit(event.name);
    if (suppressed === null) return;
    log[event.level](event.message, {
      event: event.name,
      ...fields,
      suppressed: suppressed > 0 ? suppressed : undefined,
    });
  }

  const byName = new Map<string, EventDeclaration>(Object.values(EVENTS).map((event) => [event.name, event]));
  return {
    log,
    metrics,
    emit: (event, fields) => emit(event, fields),
    emitByName: (name, fields) => {
      const event = byName.get(name);
      if (event) emit(event, fields);
      else emit(EVENTS.store_noted, { what: name, ...fields });
    },
  };
}

/** The low-cardinality code of an event: its own field, or that of the error. Only what looks like a code counts. */
function codeOf(fields: LogFields): string {
  const code = fields.code ?? (fields.error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : '';
}
