import { constants } from 'node:os';
import { VardeError, messageOf } from '../../base/errors.ts';

/**
 * The system calls that Node does not offer: raw sockets, socket options, the error queue, file locks. Through koffi, which is loaded only
 * when the first probe needs it. Numbers are those of x86, ARM and RISC-V (asm-generic/socket.h); all of them are little endian.
 */
export interface Libc {
  /** socket(2), not blocking and closed on exec. @throws SystemError */
  socket(family: number, type: number, protocol: number): number;
  /** setsockopt(2). @throws SystemError */
  setOption(fd: number, level: number, name: number, value: Buffer): void;
  /** connect(2); false where it is under way. @throws SystemError */
  connect(fd: number, address: Buffer): boolean;
  /** Whether the connection of a stream that was under way is there now. @throws SystemError why there is none */
  isConnected(fd: number): boolean;
  /** getsockname(2): a struct sockaddr, valid until the next call. @throws SystemError */
  localAddress(fd: number): Buffer;
  /** send(2). @throws SystemError */
  send(fd: number, bytes: Buffer): void;
  /** recvmsg(2), from the error queue where asked; null where nothing waits. @throws SystemError */
  receive(fd: number, queue: 'data' | 'errors'): Message | null;
  close(fd: number): void;
  /** CLOCK_REALTIME, milliseconds since the epoch with fractions: the clock that received packets are stamped with. */
  realtime(): number;
  /** Takes flock(2) on a file; false where another process holds it. @throws SystemError */
  lock(fd: number): boolean;
}

/** Valid until the next one is received. */
export interface Message {
  bytes: Buffer;
  /** Ancillary data as the kernel wrote it: a row of struct cmsghdr. */
  control: Buffer;
}

/** A failed system call, with its code as Node names it (`EPERM`). */
export class SystemError extends Error {
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = errorName(errno);
    super(`${call}: ${code}`);
    this.name = 'SystemError';
    this.code = code;
  }
}

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) if (!names.has(number)) names.set(number, name);

export function errorName(errno: number): string {
  return names.get(errno) ?? `E${errno}`;
}

const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_ERRQUEUE = 0x2000;
const MSG_NOSIGNAL = 0x4000;
const LOCK_EX_NB = 2 | 4;
const NAME_BYTES = 128;
const DATA_BYTES = 2048;
const CONTROL_BYTES = 512;
/** Of no length when it is sent, but with an address. */
const NOTHING = Buffer.alloc(1);

let loaded: Promise<Libc> | undefined;
let ready: Libc | null = null;

/** What has been loaded already; for a hundred probes a second that need not wait for anything. */
export function libcNow(): Libc | null {
  return ready;
}

/** @throws VardeError probe_unavailable where libc cannot be called on this machine */
export function loadLibc(): Promise<Libc> {
  loaded ??= open().then(
    (libc) => (ready = libc),
    (error: unknown) => {
      loaded = undefined;
      throw new VardeError('probe_unavailable', `libc cannot be called: ${messageOf(error)}`, { cause: error });
    },
  );
  return loaded;
}

async function open(): Promise<Libc> {
  const koffi = (await import('koffi')).default;
  // The libc that this process runs with, whichever it is.
  const library = koffi.load(null);
  const socket = library.func('int socket(int, int, int)');
  const setsockopt = library.func('int setsockopt(int, int, int, const void *, uint32_t)');
  const connect = library.func('int connect(int, const void *, uint32_t)');
  const getsockname = library.func('int getsockname(int, void *, void *)');
  const send = library.func('intptr_t send(int, const void *, size_t, int)');
  const recvmsg = library.func('intptr_t recvmsg(int, void *, int)');
  const close = library.func('int close(int)');
  const flock = library.func('int flock(int, int)');
  const clockGettime = library.func('int clock_gettime(int, void *)');
  const errno = (): number => koffi.errno();
  const orThrow = (result: unknown, call: string): number => {
    if (typeof result === 'number' && result >= 0) return result;
    throw new SystemError(call, errno());
  };

  const address = Buffer.alloc(NAME_BYTES);
  const length = Buffer.alloc(4);
  const time = Buffer.alloc(16);
  const word = koffi.sizeof('size_t') === 8 ? 8 : 4;
  const inbox = makeInbox(word, (bytes) => {
    const block = koffi.alloc('uint8_t', bytes) as unknown;
    return { address: koffi.address(block), bytes: Buffer.from(koffi.view(block, bytes)), keep: block };
  });

  return {
    socket: (family, type, protocol) =>
      orThrow(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), 'socket'),
    setOption: (fd, level, name, value) => void orThrow(setsockopt(fd, level, name, value, value.length), 'setsockopt'),
    connect(fd, address) {
      if ((connect(fd, address, address.length) as number) === 0) return true;
      if (errno() === constants.errno.EINPROGRESS) return false;
      throw new SystemError('connect', errno());
    },
    isConnected(fd) {
      // Sends nothing; a socket that is not connected yet cannot even do that (sk_stream_wait_connect in Linux' net/core/stream.c).
      if ((send(fd, NOTHING, 0, MSG_DONTWAIT | MSG_NOSIGNAL) as number) >= 0) return true;
      if (errno() === constants.errno.EAGAIN) return false;
      throw new SystemError('connect', errno());
    },
    localAddress(fd) {
      length.writeUInt32LE(NAME_BYTES);
      orThrow(getsockname(fd, address, length), 'getsockname');
      return address.subarray(0, length.readUInt32LE());
    },
    send: (fd, bytes) => void orThrow(send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL), 'send'),
    receive(fd, queue) {
      inbox.reset();
      const bytes = recvmsg(
        fd,
        inbox.header,
        queue === 'errors' ? MSG_DONTWAIT | MSG_ERRQUEUE : MSG_DONTWAIT,
      ) as number;
      if (bytes >= 0) return inbox.take(bytes);
      // Nothing waits: the usual case, and no reason to make an error with its stack.
      if (errno() === constants.errno.EAGAIN) return null;
      throw new SystemError('recvmsg', errno());
    },
    close: (fd) => void close(fd),
    realtime() {
      clockGettime(0, time);
      return word === 8
        ? Number(time.readBigInt64LE(0)) * 1000 + Number(time.readBigInt64LE(8)) / 1e6
        : time.readInt32LE(0) * 1000 + time.readInt32LE(4) / 1e6;
    },
    lock(fd) {
      if ((flock(fd, LOCK_EX_NB) as number) === 0) return true;
      if (errno() === constants.errno.EAGAIN) return false;
      throw new SystemError('flock', errno());
    },
  };
}

interface Inbox {
  /** Pointer to the struct msghdr. */
  header: unknown;
  reset(): void;
  take(length: number): Message;
}

/** One block of memory with a struct msghdr (recvmsg(2)) and what it points to; used anew for each message. */
export function makeInbox(
  word: 4 | 8,
  allocate: (bytes: number) => { address: bigint; bytes: Buffer; keep: unknown },
): Inbox {
  const vectorAt = 8 * word;
  const nameAt = vectorAt + 2 * word;
  const dataAt = nameAt + NAME_BYTES;
  const controlAt = dataAt + DATA_BYTES;
  const block = allocate(controlAt + CONTROL_BYTES);
  const put = (at: number, value: number | bigint): void => {
    if (word === 8) block.bytes.writeBigUInt64LE(BigInt(value), at);
    else block.bytes.writeUInt32LE(Number(value), at);
  };
  // msg_name, msg_namelen, msg_iov, msg_iovlen, msg_control, msg_controllen, msg_flags: each in a word of its own.
  put(0, block.address + BigInt(nameAt));
  put(2 * word, block.address + BigInt(vectorAt));
  put(3 * word, 1);
  put(4 * word, block.address + BigInt(controlAt));
  put(vectorAt, block.address + BigInt(dataAt));
  put(vectorAt + word, DATA_BYTES);
  return {
    header: block.keep,
    reset() {
      put(word, NAME_BYTES);
      put(5 * word, CONTROL_BYTES);
    },
    take(length) {
      const control = block.bytes.readUInt32LE(5 * word);
      return {
        bytes: block.bytes.subarray(dataAt, dataAt + Math.min(length, DATA_BYTES)),
        control: block.bytes.subarray(controlAt, controlAt + Math.min(control, CONTROL_BYTES)),
      };
    },
  };
}
