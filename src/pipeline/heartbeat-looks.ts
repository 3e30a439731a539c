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
  private readonly sharing = new Sharing();

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
    const byId = new Map(sources.map((source) => [source.id, source]));
    // A sensor may be called __proto__ by nobody: names come from the config, and have been checked there.
    const facts: Record<string, SensorFacts> = {};
    const waiting: Promise<void>[] = [];
    for (const sensor of sensors) {
      const { name, command_socket: socket } = sensor;
      const memory = this.memoryOf(name);
      const isDoubtful = doubtful.has(name);
      if (socket !== null) this.askSocket(memory, socket, isDoubtful);
      const mine = sourcesOf(sensor, sources, byId);
      const source = mine.length === 0 ? null : this.sourceFacts(memory, mine);
      if (source !== null && this.sharing.isShared(mine, sensors, sources)) source.shared = true;
      const known: SensorFacts = { source, interface: null, socket: memory.socket };
      facts[name] = known;
      // Most of the time nothing has to be waited for: hundreds of sensors are looked at each second.
      if (source !== null && !this.knowsRoom(memory, dirname(source.path), isDoubtful))
        waiting.push(this.askRoom(memory, dirname(source.path)).then((free) => void (source.free_bytes = free)));
      if (sensor.interface !== null)
        waiting.push(lookAtInterface(sensor.interface).then((found) => void (known.interface = found)));
    }
    await Promise.all(waiting);
    // The newest answer: one may have come while the others were waited for.
    for (const { name } of sensors) facts[name]!.socket = this.memoryOf(name).socket;
    return facts;
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

  /** Room as it was last asked for. */
  private sourceFacts(memory: Memory, sources: readonly SourceStatus[]): SourceFacts {
    const now = this.now();
    let [live, unreadable, any]: (FileStatus | undefined)[] = [];
    let isNamed = false;
    let lag = 0;
    let lastLine: number | null = null;
    for (const source of sources) {
      lag += source.lag_bytes;
      if (source.last_line !== null && (lastLine === null || source.last_line > lastLine)) lastLine = source.last_line;
      for (const file of source.files) {
        any = later(any, file);
        if (file.state === 'unreadable') unreadable = later(unreadable, file);
        if (!isLive(file)) continue;
        live = later(live, file);
        isNamed ||= sources.some(({ patterns }) => patterns.some((pattern) => liveName(pattern) === file.path));
      }
    }
    if (isNamed) memory.named = true;
    const state = stateOf(live, unreadable, memory.named && !isNamed);
    if (memory.since === null || state !== memory.state) memory.since = now;
    memory.state = state;
    if (lag === 0) memory.lagSince = null;
    else memory.lagSince ??= now;
    const newest = (state === 'unreadable' ? unreadable : live) ?? any;
    return {
      path: newest?.path ?? sources[0]?.patterns[0] ?? '',
      state,
      since: memory.since,
      problem: unreadable?.problem?.message ?? null,
      lag_bytes: lag,
      lag_since: memory.lagSince,
      last_line: lastLine,
      partial: live?.state === 'waiting_for_newline',
      last_growth: newest === undefined ? null : growth(memory, newest),
      free_bytes: memory.room?.free ?? null,
    };
  }

  private knowsRoom({ room }: Memory, folder: string, soon: boolean): boolean {
    return room?.path === folder && isWithin(soon ? ROOM_SOON_MS : ROOM_EVERY_MS, room.at, this.now());
  }

  private async askRoom(memory: Memory, folder: string): Promise<number | null> {
    const at = this.now();
    const free = await freeBytes(folder);
    memory.room = { path: folder, at, free };
    return free;
  }
}

/** Which sources are read for more than one sensor. */
class Sharing {
  private known: { sensors: readonly SensorOptions[]; sources: number; shared: ReadonlySet<string> } | null = null;

  isShared(
    mine: readonly SourceStatus[],
    sensors: readonly SensorOptions[],
    sources: readonly SourceStatus[],
  ): boolean {
    if (sensors.length < 2) return false;
    // Sensors come from the config, and its sources are added one after the other at the start.
    if (this.known?.sensors !== sensors || this.known.sources !== sources.length) {
      const counts = new Map<string, number>();
      for (const { sources: ids } of sensors)
        for (const id of ids ?? sources.map((source) => source.id)) counts.set(id, (counts.get(id) ?? 0) + 1);
      const shared = new Set([...counts].filter(([, count]) => count > 1).map(([id]) => id));
      this.known = { sensors, sources: sources.length, shared };
    }
    const { shared } = this.known;
    return shared.size > 0 && mine.some(({ id }) => shared.has(id));
  }
}

/** Those that the sensor writes. */
function sourcesOf(
  { sources: ids }: SensorOptions,
  all: readonly SourceStatus[],
  byId: ReadonlyMap<string, SourceStatus>,
): readonly SourceStatus[] {
  if (ids === null) return all;
  const found: SourceStatus[] = [];
  for (const id of ids) {
    const source = byId.get(id);
    if (source !== undefined) found.push(source);
  }
  return found;
}

function isLive({ state }: FileStatus): boolean {
  return state === 'reading' || state === 'current' || state === 'waiting_for_newline';
}

/** The one that was changed later; of equals the first. */
function later(one: FileStatus | undefined, other: FileStatus): FileStatus {
  return one === undefined || other.modified > one.modified ? other : one;
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

/** Names by their patterns, which come from the config: there are few. */
const liveNames = new Map<string, string | null>();
const MOST_NAMES = 10_000;

/** The name of the live log where its pattern tells it: `eve.json` of `eve.json` and of `eve.json*`; null where it does not. */
function liveName(pattern: string): string | null {
  let known = liveNames.get(pattern);
  if (known === undefined) {
    const name = pattern.endsWith('*') ? pattern.slice(0, -1) : pattern;
    known = /[*?[]/.test(name) || name.endsWith('/') ? null : resolve(name);
    if (liveNames.size < MOST_NAMES) liveNames.set(pattern, known);
  }
  return known;
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
