import type { Mapping } from '../mapping.ts';
import { object, text, uint } from '../values.ts';

/** event.code and message of an anomaly: Suricata's name of it, such as `stream.fin_but_no_session`. */
export function mapAnomaly(mapping: Mapping): void {
  const anomaly = object(mapping.eve.anomaly);
  if (anomaly === null) return;
  const code = text(anomaly.event);
  mapping.set('event.code', code);
  mapping.set('message', code);
  mapping.set('error.type', text(anomaly.type));
}

/** Suricata's own log as events: message, log.level, log.logger, process.thread.name, error.code. */
export function mapEngine(mapping: Mapping): void {
  const engine = object(mapping.eve.engine);
  mapping.set('log.level', text(mapping.eve.log_level)?.toLowerCase() ?? null);
  if (engine === null) return;
  mapping.set('message', text(engine.message));
  mapping.set('log.logger', text(engine.module));
  mapping.set('process.thread.name', text(engine.thread_name));
  const code = uint(engine.error_code, Number.MAX_SAFE_INTEGER);
  mapping.set('error.code', text(engine.error) ?? (code === null || code === 0 ? null : String(code)));
}
