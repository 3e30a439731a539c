import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { SensorFacts, SensorOptions, SocketFacts, SourceFacts } from '../detect/heartbeat/facts.ts';
import { lookAtInterface } from '../host/interface.ts';
import { lookAtSuricata } from '../host/suricata-socket.ts';
import type { FileStatus, SourceStatus } from '../source/source.ts';

/** Asking costs Suricata's management thread a little; the log and the interface are looked at each time. */
const SOCKET_EVERY_MS = 5000;
/** … but sooner where something is overdue: an answer from before says nothing of now. */
const SOCKET_SOON_MS = 1500;
/** Room matters where something is overdue. */
const ROOM_EVERY_MS = 60_000;
const ROOM_SOON_MS = 5000;
/** A hung Suricata does not answer at all: no need to wait long for that. */
const SOCKET_LIMIT_MS = 2000;

/** What is remembered of a sensor between two looks. */
interface Memory {
  state: SourceFacts['state'];
  since: number | null;
  /** The log was seen under the name that its pattern gives it. */
  named: boolean;
  lagSince: number | null;
  /** The newest file as it was when it last grew. */
  grown: { path: string; size: number; at: number } | null;
  room: { path: string; at: number; free: number | null } | null;
  socket: SocketFacts | null;
  socketAsked: number;
  asking: boolean;
}

/** Looks at what lies outside of the events: the log and its folder, the interface, the command socket. */
export class Looks {
  private readonly memories = new Map<string, Memory>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /**
   * Facts of each sensor by its name. Never throws; a command socket that does not answer delays nothing.
   *
   * @param doubtful names of the sensors of which something is overdue: more must be known of them soon
   */
  async look(
    sensors: readonly SensorOptions[],
    sources: readonly SourceStatus[],
    doubtful: ReadonlySet<string> = new Set(),
  ): Promise<Record<string, SensorFacts>> {
    const facts = await Promise.all(
      sensors.map(async (sensor): Promise<[string, SensorFacts]> => {
        const memory = this.memoryOf(sensor.name);
        const mine = sources.filter(({ id }) => sensor.sources === null || sensor.sources.includes(id));
        if (sensor.command_socket !== null) this.askSocket(memory, sensor.command_socket, doubtful.has(sensor.name));
        return [
          sensor.name,
          {
            source: mine.length === 0 ? null : await this.sourceFacts(memory, mine, doubtful.has(sensor.name)),
            interface: sensor.interface === null ? null : await lookAtInterface(sensor.interface),
            socket: memory.socket,
          },
        ];
      }),
    );
    // A sensor may be called __proto__ by nobody: names come from the config, and have been checked there.
    return Object.fromEntries(facts);
  }

  private memoryOf(name: string): Memory {
    let memory = this.memories.get(name);
    if (memory === undefined) {
      memory = {
        state: 'missing',
        since: null,
        named: false,
        lagSince: null,
        grown: null,
        room: null,
        socket: null,
        socketAsked: 0,
        asking: false,
      };
      this.memories.set(name, memory);
    }
    return memory;
  }

  /** In the background: its answer is there at one of the next looks. */
  private askSocket(memory: Memory, path: string, soon: boolean): void {
    if (memory.asking || isWithin(soon ? SOCKET_SOON_MS : SOCKET_EVERY_MS, memory.socketAsked, this.now())) return;
    memory.asking = true;
    memory.socketAsked = this.now();
    void lookAtSuricata(path, SOCKET_LIMIT_MS, this.now).then((socket) => {
      memory.socket = socket;
      memory.asking = false;
    });
  }

  private async sourceFacts(
    memory: Memory,
    sources: readonly SourceStatus[],
    isDoubtful: boolean,
  ): Promise<SourceFacts> {
    const now = this.now();
    const files = sources.flatMap((source) => source.files);
    const live = files.filter(
      ({ state }) => state === 'reading' || state === 'current' || state === 'waiting_for_newline',
    );
    const unreadable = latest(files.filter(({ state }) => state === 'unreadable'));
    const newestLive = latest(live);
    const names = sources.flatMap(({ patterns }) => patterns.map(liveName));
    if (live.some(({ path }) => names.includes(path))) memory.named = true;
    const state = stateOf(newestLive, unreadable, memory.named && !live.some(({ path }) => names.includes(path)));
    if (memory.since === null || state !== memory.state) memory.since = now;
    memory.state = state;
    const lag = sources.reduce((sum, source) => sum + source.lag_bytes, 0);
    if (lag === 0) memory.lagSince = null;
    else memory.lagSince ??= now;
    const newest = (state === 'unreadable' ? unreadable : newestLive) ?? latest(files);
    const path = newest?.path ?? sources[0]?.patterns[0] ?? '';
    return {
      path,
      state,
      since: memory.since,
      problem: unreadable?.problem?.message ?? null,
      lag_bytes: lag,
      lag_since: memory.lagSince,
      last_line: most(sources.map((source) => source.last_line)),
      partial: newestLive?.state === 'waiting_for_newline',
      last_growth: newest === undefined ? null : growth(memory, newest),
      free_bytes: await this.room(memory, dirname(path), isDoubtful ? ROOM_SOON_MS : ROOM_EVERY_MS),
    };
  }

  private async room(memory: Memory, folder: string, maxAge: number): Promise<number | null> {
    const now = this.now();
    if (memory.room === null || memory.room.path !== folder || !isWithin(maxAge, memory.room.at, now)) {
      memory.room = { path: folder, at: now, free: await freeBytes(folder) };
    }
    return memory.room.free;
  }
}

function growth(memory: Memory, { path, size, modified }: FileStatus): number {
  if (memory.grown?.path !== path || memory.grown.size !== size) memory.grown = { path, size, at: modified };
  return memory.grown.at;
}

/** Less than `ms` ago. A clock that was set back must not make a time of the future hold for as long. */
function isWithin(ms: number, then: number, now: number): boolean {
  return now >= then && now - then < ms;
}

/**
 * A rotated file that is still held open does not make up for a new one that may not be read. And a log that lost its name is still read, but
 * will be gone with the next rotation.
 */
function stateOf(
  live: FileStatus | undefined,
  unreadable: FileStatus | undefined,
  lost: boolean,
): SourceFacts['state'] {
  if (unreadable !== undefined && unreadable.modified >= (live?.modified ?? 0)) return 'unreadable';
  return live === undefined || lost ? 'missing' : 'readable';
}

/** The name of the live log where its pattern tells it: `eve.json` of `eve.json` and of `eve.json*`; null where it does not. */
function liveName(pattern: string): string | null {
  const name = pattern.endsWith('*') ? pattern.slice(0, -1) : pattern;
  return /[*?[]/.test(name) || name.endsWith('/') ? null : resolve(name);
}

/** What a user without privileges may still write; null where the folder is not there. */
async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

function latest(files: readonly FileStatus[]): FileStatus | undefined {
  return files.reduce<FileStatus | undefined>(
    (best, file) => (best === undefined || file.modified > best.modified ? file : best),
    undefined,
  );
}

function most(values: readonly (number | null)[]): number | null {
  return values.reduce((best, value) => (value !== null && (best === null || value > best) ? value : best), null);
}
