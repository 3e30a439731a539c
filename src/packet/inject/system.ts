import { constants } from 'node:os';
import { VardeError, messageOf } from '../../base/errors.ts';
import type { Descriptors } from './descriptors.ts';
import { LAYOUTS, type Layout } from './layout.ts';

/**
 * The system calls of the receiver, through koffi: the one place of the packet room with a foreign function interface. Results are as in C: below
 * zero on failure, but negated errno instead of -1, so that the hot path makes no objects. Pointers are numbers: addresses of user space have at
 * most 47 bits (56 with five page-table levels, which mmap gives only to those who ask).
 */
export interface System {
  layout: Layout;
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer): number;
  connect(fd: number, address: Buffer): number;
  setOption(fd: number, level: number, name: number, value: Buffer): number;
  getOption(fd: number, level: number, name: number, value: Buffer): number;
  ioctl(fd: number, request: number, argument: Buffer): number;
  fcntl(fd: number, command: number, argument: number): number;
  recvmmsg(fd: number, headers: number, count: number, flags: number): number;
  sendmmsg(fd: number, headers: number, count: number, flags: number): number;
  /** Of a row of struct pollfd; milliseconds. */
  poll(fds: Buffer, count: number, timeout: number): number;
  write(fd: number, from: Buffer, bytes: number): number;
  read(fd: number, into: Buffer, bytes: number): number;
  /** inotify_init1(2). */
  inotify(flags: number): number;
  /** inotify_add_watch(2). */
  watch(fd: number, path: string, events: number): number;
  interfaceIndex(name: string): number;
  /** bpf(2). @returns -ENOSYS also on machines whose number of that call is not known */
  bpf(command: number, attribute: Buffer): number;
  sleepMicros(micros: number): void;
  /** Lets short sleeps of this thread be short (prctl(2), PR_SET_TIMERSLACK). */
  preciseSleeps(): void;
  close(fd: number): void;
  /** Zeroed memory that stays where it is, until {@link free}. */
  allocate(bytes: number): Block;
  /** Gives back all that was allocated: no block may be touched any more, and no call may still write there. */
  free(): void;
}

export interface Block {
  address: number;
  bytes: Buffer;
}

export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const MSG_DONTWAIT = 0x40;
export const MSG_TRUNC = 0x20;
export const MSG_WAITFORONE = 0x10000;

/** errno(3) numbers by name, negated as {@link System} returns them. */
export const failure = (name: keyof typeof constants.errno): number => -constants.errno[name];

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) if (!names.has(number)) names.set(number, name);

/** `EPERM` for -1, and so on. */
export function failureName(result: number): string {
  return names.get(-result) ?? `E${-result}`;
}

const PR_SET_TIMERSLACK = 29;

/** Number of bpf(2) by architecture, since libc has no name for it (asm/unistd.h). */
const BPF_CALL: Partial<Record<NodeJS.Architecture, number>> = {
  x64: 321,
  ia32: 357,
  arm: 386,
  arm64: 280,
  riscv64: 280,
  loong64: 280,
};

/** bpf(2): commands that give a descriptor (linux/bpf.h: BPF_MAP_CREATE, BPF_PROG_LOAD, BPF_LINK_CREATE). */
const BPF_OPENS: ReadonlySet<number> = new Set([0, 5, 28]);

/**
 * @param held keeps what is open, for whoever has to close it should this thread be ended in the middle
 * @throws VardeError tzsp_unavailable where libc cannot be called on this machine
 */
export async function loadSystem(held: Descriptors | null = null): Promise<System> {
  try {
    return await open(held);
  } catch (error) {
    throw new VardeError('tzsp_unavailable', `libc cannot be called: ${messageOf(error)}`, { cause: error });
  }
}

async function open(held: Descriptors | null): Promise<System> {
  const koffi = (await import('koffi')).default;
  // The libc that this process runs with, whichever it is.
  const library = koffi.load(null);
  const socket = library.func('int socket(int, int, int)');
  const bind = library.func('int bind(int, const void *, uint32_t)');
  const connect = library.func('int connect(int, const void *, uint32_t)');
  const setsockopt = library.func('int setsockopt(int, int, int, const void *, uint32_t)');
  const getsockopt = library.func('int getsockopt(int, int, int, void *, void *)');
  const ioctl = library.func('int ioctl(int, unsigned long, ...)');
  const fcntl = library.func('int fcntl(int, int, ...)');
  const recvmmsg = library.func('int recvmmsg(int, uintptr_t, unsigned int, int, uintptr_t)');
  const sendmmsg = library.func('int sendmmsg(int, uintptr_t, unsigned int, int)');
  const poll = library.func('int poll(void *, unsigned long, int)');
  const write = library.func('intptr_t write(int, const void *, size_t)');
  const read = library.func('intptr_t read(int, void *, size_t)');
  const inotify = library.func('int inotify_init1(int)');
  const watch = library.func('int inotify_add_watch(int, const char *, uint32_t)');
  const ifNameToIndex = library.func('unsigned int if_nametoindex(const char *)');
  const usleep = library.func('int usleep(unsigned int)');
  const prctl = library.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)');
  const close = library.func('int close(int)');
  const syscall = library.func('long syscall(long, int, void *, unsigned int)');
  const bpfCall = BPF_CALL[process.arch];
  const result = (value: unknown): number => ((value as number) < 0 ? -koffi.errno() : (value as number));
  const word = koffi.sizeof('size_t') === 8 ? 8 : 4;
  const kept: unknown[] = [];
  const opened = (value: unknown): number => {
    const fd = result(value);
    if (fd >= 0) held?.add(fd);
    return fd;
  };

  return {
    layout: LAYOUTS[word],
    socket: (family, type, protocol) => opened(socket(family, type | SOCK_CLOEXEC, protocol)),
    bind: (fd, address) => result(bind(fd, address, address.length)),
    connect: (fd, address) => result(connect(fd, address, address.length)),
    setOption: (fd, level, name, value) => result(setsockopt(fd, level, name, value, value.length)),
    getOption(fd, level, name, value) {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(value.length);
      return result(getsockopt(fd, level, name, value, length));
    },
    ioctl: (fd, request, argument) => result(ioctl(fd, request, 'void *', argument)),
    fcntl: (fd, command, argument) => result(fcntl(fd, command, 'int', argument)),
    recvmmsg: (fd, headers, count, flags) => result(recvmmsg(fd, headers, count, flags, 0)),
    sendmmsg: (fd, headers, count, flags) => result(sendmmsg(fd, headers, count, flags)),
    poll: (fds, count, timeout) => result(poll(fds, count, timeout)),
    write: (fd, from, bytes) => result(write(fd, from, bytes)),
    read: (fd, into, bytes) => result(read(fd, into, bytes)),
    inotify: (flags) => opened(inotify(flags | SOCK_CLOEXEC)),
    watch: (fd, path, events) => result(watch(fd, path, events)),
    bpf(command, attribute) {
      if (bpfCall === undefined) return failure('ENOSYS');
      const value = syscall(bpfCall, command, attribute, attribute.length);
      return BPF_OPENS.has(command) ? opened(value) : result(value);
    },
    interfaceIndex: (name) => ifNameToIndex(name) as number,
    sleepMicros: (micros) => void usleep(micros),
    preciseSleeps: () => void prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0),
    close(fd) {
      // Forgotten first: afterwards the number may be somebody else's.
      held?.delete(fd);
      close(fd);
    },
    allocate(bytes) {
      const block = koffi.alloc('uint8_t', bytes) as unknown;
      // No collector frees it: the kernel writes there.
      kept.push(block);
      return { address: Number(koffi.address(block)), bytes: Buffer.from(koffi.view(block, bytes)) };
    },
    free() {
      for (const block of kept.splice(0)) koffi.free(block);
    },
  };
}
