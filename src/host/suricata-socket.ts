import { connect, type Socket } from 'node:net';

/**
 * Suricata's command socket (Suricata user guide, "Interacting via Unix Socket"; src/unix-manager.c): JSON objects, each ended by a line feed.
 *
 * The client first tells the version of the protocol (`{"version":"0.2"}`: answers end with a line feed from 0.2 on), the server answers
 * `{"return":"OK"}`; then each `{"command": …, "arguments": {…}}` is answered by `{"return":"OK"|"NOK","message": …}`.
 * Only commands that change nothing are sent from here.
 */

/** `absent`: no such file. `unreadable`: this user may not. `refused`: nobody listens. `silent`: no answer, or none that makes sense, in time. */
export type SocketState = 'answers' | 'silent' | 'refused' | 'unreadable' | 'absent' | 'not_configured';

export class SuricataSocketError extends Error {
  readonly state: Exclude<SocketState, 'answers' | 'not_configured'>;

  constructor(state: SuricataSocketError['state'], message: string) {
    super(message);
    this.name = 'SuricataSocketError';
    this.state = state;
  }
}

export interface SuricataLook {
  state: SocketState;
  /** What the system or Suricata said where it does not answer. */
  problem: string | null;
  version: string | null;
  uptime_secs: number | null;
  /** Sums over the detection engines (one, or one per tenant). */
  rules: { loaded: number; failed: number; skipped: number | null } | null;
  /** Milliseconds since the epoch. */
  last_reload: number | null;
  /** Sums over the interfaces of `iface-list`. */
  capture: { packets: number; drops: number; invalid_checksums: number } | null;
  /** Answer of `dump-counters`: the tree of a stats event. */
  counters: unknown;
  asked: number;
}

const PROTOCOL = '0.2';
/** dump-counters with a table per thread is some hundred kilobytes; more than this is no answer of Suricata's. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** More interfaces than a sensor has; each costs one question. */
const MAX_INTERFACES = 64;

interface Answer {
  ok: boolean;
  message: unknown;
}

/** One connection. Each question waits for its answer; the first failure ends it. */
export class SuricataSocket {
  private readonly socket: Socket;
  private readonly deadline: NodeJS.Timeout;
  private chunks: Buffer[] = [];
  private size = 0;
  private waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  private failure: SuricataSocketError | null = null;

  private constructor(socket: Socket, limitMs: number) {
    this.socket = socket;
    this.deadline = setTimeout(
      () => this.fail(new SuricataSocketError('silent', `no answer within ${limitMs} ms`)),
      limitMs,
    );
    socket.on('data', (data: Buffer) => this.take(data));
    socket.on('error', (error: NodeJS.ErrnoException) => this.fail(fromSystem(error)));
    socket.on('close', () => this.fail(new SuricataSocketError('silent', 'the connection was closed')));
  }

  /**
   * Connects and agrees on the protocol. `limitMs` is for everything until `close`, whatever is asked in between.
   * @throws SuricataSocketError
   */
  static async open(path: string, limitMs: number): Promise<SuricataSocket> {
    const self = new SuricataSocket(connect({ path }), limitMs);
    try {
      const hello = await self.exchange({ version: PROTOCOL });
      if (!hello.ok) throw new SuricataSocketError('silent', `the protocol was refused: ${shown(hello.message)}`);
      return self;
    } catch (error) {
      self.close();
      throw error;
    }
  }

  /** The message of an answer; null where Suricata says NOK (an older version does not know each command). @throws SuricataSocketError */
  async ask(command: string, commandArguments?: Record<string, string>): Promise<unknown> {
    const answer = await this.exchange(
      commandArguments === undefined ? { command } : { command, arguments: commandArguments },
    );
    return answer.ok ? answer.message : null;
  }

  close(): void {
    clearTimeout(this.deadline);
    this.failure ??= new SuricataSocketError('silent', 'the connection was closed');
    this.socket.destroy();
  }

  private exchange(question: object): Promise<Answer> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(`${JSON.stringify(question)}\n`);
    });
  }

  private take(data: Buffer): void {
    this.size += data.length;
    if (this.size > MAX_ANSWER_BYTES) {
      this.fail(new SuricataSocketError('silent', 'the answer is longer than any of Suricata'));
      return;
    }
    this.chunks.push(data);
    // A line feed inside an answer would be escaped: the first one ends it.
    if (!data.includes(10)) return;
    const whole = Buffer.concat(this.chunks, this.size);
    const end = whole.indexOf(10);
    this.chunks = end + 1 < whole.length ? [whole.subarray(end + 1)] : [];
    this.size = whole.length - end - 1;
    const answer = readAnswer(whole.toString('utf8', 0, end));
    if (answer === null || this.waiting === null) {
      this.fail(new SuricataSocketError('silent', 'the answer is none of Suricata'));
      return;
    }
    const { resolve } = this.waiting;
    this.waiting = null;
    resolve(answer);
  }

  private fail(error: SuricataSocketError): void {
    if (this.failure !== null) return;
    this.failure = error;
    clearTimeout(this.deadline);
    this.socket.destroy();
    this.waiting?.reject(error);
    this.waiting = null;
  }
}

function readAnswer(text: string): Answer | null {
  try {
    const value: unknown = JSON.parse(text);
    const kind = own(value, 'return');
    return kind === 'OK' || kind === 'NOK' ? { ok: kind === 'OK', message: own(value, 'message') } : null;
  } catch {
    return null;
  }
}

function fromSystem(error: NodeJS.ErrnoException): SuricataSocketError {
  const message = error.code ?? error.message;
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return new SuricataSocketError('absent', message);
  if (error.code === 'EACCES' || error.code === 'EPERM') return new SuricataSocketError('unreadable', message);
  // ENOTSOCK, EPROTOTYPE: a file that is no stream socket; nobody listens there either.
  if (['ECONNREFUSED', 'ENOTSOCK', 'EPROTOTYPE'].includes(error.code ?? ''))
    return new SuricataSocketError('refused', message);
  return new SuricataSocketError('silent', message);
}

/** A property that the answer itself has; undefined for anything else. */
function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 200);
}

/** Asks everything that the sensors' page shows. Never throws and never takes longer than `limitMs`. */
export async function lookAtSuricata(
  path: string | null,
  limitMs = 2000,
  now: () => number = Date.now,
): Promise<SuricataLook> {
  const look: SuricataLook = {
    state: 'not_configured',
    problem: null,
    version: null,
    uptime_secs: null,
    rules: null,
    last_reload: null,
    capture: null,
    counters: null,
    asked: now(),
  };
  if (path === null) return look;
  let socket: SuricataSocket | null = null;
  try {
    socket = await SuricataSocket.open(path, limitMs);
    look.version = versionOf(await socket.ask('version'));
    look.uptime_secs = count(await socket.ask('uptime'));
    look.rules = rulesOf(await socket.ask('ruleset-stats'));
    look.last_reload = reloadOf(await socket.ask('ruleset-reload-time'));
    look.capture = await captureOf(socket);
    look.counters = await socket.ask('dump-counters');
    look.state = 'answers';
  } catch (error) {
    look.state = error instanceof SuricataSocketError ? error.state : 'silent';
    look.problem = error instanceof Error ? error.message : String(error);
  } finally {
    socket?.close();
  }
  return look;
}

/** `7.0.10 RELEASE` */
function versionOf(message: unknown): string | null {
  return typeof message === 'string' ? (/^[0-9A-Za-z.+~-]{1,40}/.exec(message)?.[0] ?? null) : null;
}

/** `[{"id":0,"rules_loaded":43,"rules_failed":0,"rules_skipped":0}]` */
function rulesOf(message: unknown): SuricataLook['rules'] {
  if (!Array.isArray(message) || message.length === 0) return null;
  const rules = { loaded: 0, failed: 0, skipped: 0 };
  let skipped = false;
  for (const engine of message as unknown[]) {
    rules.loaded += count(own(engine, 'rules_loaded')) ?? 0;
    rules.failed += count(own(engine, 'rules_failed')) ?? 0;
    const passed = count(own(engine, 'rules_skipped'));
    if (passed !== null) skipped = true;
    rules.skipped += passed ?? 0;
  }
  return { ...rules, skipped: skipped ? rules.skipped : null };
}

/** `[{"id":0,"last_reload":"2026-11-24T19:02:40.872532+0000"}]`; the newest counts. */
function reloadOf(message: unknown): number | null {
  if (!Array.isArray(message)) return null;
  const times = (message as unknown[]).flatMap((engine) => {
    const text = own(engine, 'last_reload');
    const time = typeof text === 'string' ? Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN;
    return Number.isNaN(time) ? [] : [time];
  });
  return times.length === 0 ? null : Math.max(...times);
}

async function captureOf(socket: SuricataSocket): Promise<SuricataLook['capture']> {
  const names = own(await socket.ask('iface-list'), 'ifaces');
  if (!Array.isArray(names)) return null;
  const sum = { packets: 0, drops: 0, invalid_checksums: 0 };
  let answered = false;
  for (const name of (names as unknown[]).slice(0, MAX_INTERFACES)) {
    if (typeof name !== 'string') continue;
    const stat = await socket.ask('iface-stat', { iface: name });
    const packets = count(own(stat, 'pkts'));
    if (packets === null) continue;
    answered = true;
    sum.packets += packets;
    sum.drops += count(own(stat, 'drop')) ?? 0;
    sum.invalid_checksums += count(own(stat, 'invalid-checksums')) ?? 0;
  }
  return answered ? sum : null;
}
