import { VardeError, messageOf } from '../base/errors.ts';

/** Tells systemd about the daemon's state (sd_notify(3)) over the datagram socket named by `NOTIFY_SOCKET`. */
export interface SystemdNotifier {
  /** Sends newline-separated assignments such as `READY=1` or `STATUS=…`. */
  send(state: string): void;
  /** Half of the watchdog interval in milliseconds, or null where no watchdog is asked for. */
  readonly watchdogIntervalMs: number | null;
  close(): void;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SUN_PATH_BYTES = 108;

/**
 * Null outside of systemd. Node has no Unix datagram sockets, so libc is called through koffi, which is loaded only here and only then.
 *
 * @throws VardeError `internal` where NOTIFY_SOCKET is set but cannot be used.
 */
export async function systemdNotifier(env: NodeJS.ProcessEnv): Promise<SystemdNotifier | null> {
  const address = env['NOTIFY_SOCKET'];
  if (address === undefined || address === '') return null;
  try {
    const koffi = (await import('koffi')).default;
    const libc = koffi.load('libc.so.6');
    const socket = libc.func('int socket(int, int, int)');
    const sendto = libc.func('intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)');
    const closeFd = libc.func('int close(int)');
    const sockaddr = unixAddress(address);
    const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) as number;
    if (fd < 0) throw new Error('socket() failed');
    return {
      send(state) {
        const bytes = Buffer.from(state, 'utf8');
        sendto(fd, bytes, bytes.length, 0, sockaddr, sockaddr.length);
      },
      watchdogIntervalMs: watchdogInterval(env),
      close: () => void closeFd(fd),
    };
  } catch (error) {
    throw new VardeError('internal', `systemd cannot be notified: ${messageOf(error)}`, { cause: error });
  }
}

/** struct sockaddr_un: family in host byte order, then the path; a leading "@" names the abstract namespace (unix(7)). */
export function unixAddress(path: string): Buffer {
  const name = Buffer.from(path, 'utf8');
  if (name.length >= SUN_PATH_BYTES) throw new Error(`NOTIFY_SOCKET is longer than ${SUN_PATH_BYTES - 1} bytes`);
  const abstract = path.startsWith('@');
  const out = Buffer.alloc(2 + name.length + (abstract ? 0 : 1));
  out.writeUInt16LE(AF_UNIX, 0);
  name.copy(out, 2);
  if (abstract) out[2] = 0;
  return out;
}

/** sd_watchdog_enabled(3): WATCHDOG_USEC counts only if WATCHDOG_PID is absent or ours. */
export function watchdogInterval(env: NodeJS.ProcessEnv, pid = process.pid): number | null {
  const usec = Number(env['WATCHDOG_USEC']);
  if (!Number.isFinite(usec) || usec <= 0) return null;
  const owner = env['WATCHDOG_PID'];
  if (owner !== undefined && owner !== '' && Number(owner) !== pid) return null;
  return Math.max(100, Math.floor(usec / 2000));
}
