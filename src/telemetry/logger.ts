import { pino } from 'pino';
import { cutText, visibleText } from '../base/text-safe.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Extra fields of a record. Errors become `{ code, message }`; long texts are cut, since a log line may hold 16 MiB. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  setLevel(level: LogLevel): void;
}

export interface LoggerOptions {
  /** Where records go: standard error for commands, standard output or error for the station. */
  stream: { write(text: string): unknown };
  level: LogLevel;
  /** True: short text for people instead of one JSON object a line. */
  tty: boolean;
  /** Colours of the level on a terminal; default: unless NO_COLOR is set (no-color.org). */
  color?: boolean;
}

const MAX_TEXT = 4096;
/** Names that a record itself uses; a field of that name gets an underscore, so that no record has a key twice. */
const RESERVED = new Set(['time', 'level', 'message']);

/** One JSON object a line (`time` in ISO 8601, `level`, `event` where it is a named one, `message`, fields), or text on a terminal. */
export function createLogger(options: LoggerOptions): Logger {
  const color = options.color ?? (process.env.NO_COLOR ?? '') === '';
  const destination = options.tty
    ? { write: (record: string) => options.stream.write(readableRecord(record, color)) }
    : options.stream;
  const log = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Pino asks for more of a stream than it uses here: it only writes.
    destination,
  );
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: LogFields): void => {
      // Placeholders of the message are not filled in: a percent sign in it means itself.
      if (log.isLevelEnabled(level)) log[level](fieldsOf(fields), '%s', message);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    setLevel: (level) => {
      log.level = level;
    },
  };
}

function fieldsOf(fields: LogFields | undefined): Record<string, unknown> {
  const out = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(fields ?? {})) {
    if (value !== undefined) out[RESERVED.has(key) ? `${key}_` : key] = loggable(value);
  }
  return out;
}

function loggable(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value, MAX_TEXT);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) return errorFields(value);
  // Pino itself bounds depth (5) and breadth (100) of what is nested.
  return Array.isArray(value)
    ? value.slice(0, 100).map((item) => (typeof item === 'string' ? cutText(item, 256) : item))
    : value;
}

function errorFields(error: Error): Record<string, unknown> {
  const { code, stack } = error as { code?: unknown; stack?: string };
  const out: Record<string, unknown> = { message: cutText(error.message, MAX_TEXT) };
  if (typeof code === 'string') out.code = code;
  // Expected errors speak for themselves; of others only the stack tells where they came from.
  if (error.name !== 'VardeError' && stack) out.stack = cutText(stack, MAX_TEXT);
  if (error.cause instanceof Error) out.cause = cutText(error.cause.message, MAX_TEXT);
  return out;
}

const LEVEL_MARKS: Record<string, { word: string; color: string }> = {
  debug: { word: 'debug', color: '\u001B[2m' },
  info: { word: 'info ', color: '' },
  warn: { word: 'WARN ', color: '\u001B[33m' },
  error: { word: 'ERROR', color: '\u001B[31m' },
};

/** `18:30:00 WARN  A file may not be read. path=/var/log/x code=EACCES`, every control character visible. */
function readableRecord(record: string, color: boolean): string {
  const { time, level, message, event: _event, ...fields } = JSON.parse(record) as Record<string, unknown>;
  const mark = LEVEL_MARKS[String(level)] ?? LEVEL_MARKS.info!;
  const stamp = new Date(String(time)).toTimeString().slice(0, 8);
  const word = color && mark.color !== '' ? `${mark.color}${mark.word}\u001B[0m` : mark.word;
  const rest = Object.entries(fields).map(([key, value]) => ` ${visibleText(key)}=${readableValue(value)}`);
  return `${stamp} ${word} ${visibleText(String(message))}${rest.join('')}\n`;
}

function readableValue(value: unknown): string {
  if (value !== null && typeof value === 'object' && 'message' in value) return readableValue(value.message);
  if (typeof value !== 'string') return visibleText(JSON.stringify(value));
  const text = visibleText(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
