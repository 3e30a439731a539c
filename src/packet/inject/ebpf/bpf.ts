import { VardeError } from '../../../base/errors.ts';
import { type Block, failure, failureName, type System } from '../system.ts';

/** Calls of bpf(2): maps, a program, and its place at an interface. Attributes are those of union bpf_attr (linux/bpf.h). */
const Command = {
  MAP_CREATE: 0,
  MAP_LOOKUP_ELEM: 1,
  MAP_UPDATE_ELEM: 2,
  PROG_LOAD: 5,
  PROG_TEST_RUN: 10,
  LINK_CREATE: 28,
} as const;
export const MapType = { HASH: 1, ARRAY: 2 } as const;
const PROG_TYPE_SCHED_CLS = 3;
const TCX_INGRESS = 46;
const ATTRIBUTE_BYTES = 144;
const SCRATCH_BYTES = 512;
const LICENSE = 'Apache-2.0\0';

/** The calls that the kernel path makes. Descriptors are closed by the caller. */
export class Bpf {
  private readonly system: System;
  private readonly attribute = Buffer.alloc(ATTRIBUTE_BYTES);
  private readonly key: Block;
  private readonly value: Block;

  constructor(system: System) {
    this.system = system;
    this.key = system.allocate(SCRATCH_BYTES);
    this.value = system.allocate(SCRATCH_BYTES);
  }

  /** @returns a descriptor @throws VardeError tzsp_unavailable */
  createMap(type: number, keyBytes: number, valueBytes: number, entries: number): number {
    const fields = [type, keyBytes, valueBytes, entries];
    return this.must('a map cannot be made', Command.MAP_CREATE, (it) => {
      for (const [i, field] of fields.entries()) it.writeUInt32LE(field, i * 4);
    });
  }

  /** The buffer holds the value until the next call; null where there is none. */
  lookup(map: number, key: Buffer): Buffer | null {
    key.copy(this.key.bytes);
    return this.element(Command.MAP_LOOKUP_ELEM, map) < 0 ? null : this.value.bytes;
  }

  /** @returns a negated errno on failure */
  update(map: number, key: Buffer, value: Buffer): number {
    key.copy(this.key.bytes);
    value.copy(this.value.bytes);
    return this.element(Command.MAP_UPDATE_ELEM, map);
  }

  /** @returns a descriptor @throws VardeError tzsp_unavailable, with the last words of the kernel's verifier */
  load(code: Buffer): number {
    const program = this.memory(code);
    const license = this.memory(Buffer.from(LICENSE));
    const fill = (log: Block | null) => (it: Buffer) => {
      it.writeUInt32LE(PROG_TYPE_SCHED_CLS, 0);
      it.writeUInt32LE(code.length / 8, 4);
      pointer(it, 8, program.address);
      pointer(it, 16, license.address);
      if (log !== null) {
        it.writeUInt32LE(1, 24);
        it.writeUInt32LE(log.bytes.length, 28);
        pointer(it, 32, log.address);
      }
      it.write('varde_tzsp', 48);
    };
    const fd = this.call(Command.PROG_LOAD, fill(null));
    if (fd >= 0) return fd;
    const log = this.system.allocate(1 << 20);
    log.bytes[0] = 0;
    this.call(Command.PROG_LOAD, fill(log));
    const said = log.bytes
      .toString('latin1', 0, Math.max(log.bytes.indexOf(0), 0))
      .trim()
      .slice(-600);
    if (fd === failure('EPERM')) throw refused('no program can be loaded: it needs CAP_BPF and CAP_NET_ADMIN');
    throw refused(`the kernel does not take the program (${failureName(fd)}) ${said}`);
  }

  /** Puts the program at an interface's entrance for as long as the descriptor is open. @throws VardeError tzsp_unavailable */
  attach(program: number, index: number): number {
    return this.must('the kernel has no place for the program (TCX, Linux 6.6)', Command.LINK_CREATE, (it) => {
      it.writeUInt32LE(program, 0);
      it.writeUInt32LE(index, 4);
      it.writeUInt32LE(TCX_INGRESS, 8);
    });
  }

  /** Runs the program once on a packet of its own. @param stamp its time of arrival */
  testRun(program: number, packet: Buffer, stamp: bigint): { result: number; packet: Buffer } {
    const context = Buffer.alloc(192);
    context.writeBigUInt64LE(stamp, 152);
    const [input, around] = [this.memory(packet), this.memory(context)];
    const output = this.system.allocate(packet.length + 256);
    this.must('a test run failed', Command.PROG_TEST_RUN, (it) => {
      it.writeUInt32LE(program, 0);
      it.writeUInt32LE(packet.length, 8);
      it.writeUInt32LE(output.bytes.length, 12);
      pointer(it, 16, input.address);
      pointer(it, 24, output.address);
      it.writeUInt32LE(1, 32);
      it.writeUInt32LE(context.length, 40);
      pointer(it, 48, around.address);
    });
    const length = this.attribute.readUInt32LE(12);
    return { result: this.attribute.readInt32LE(4), packet: Buffer.from(output.bytes.subarray(0, length)) };
  }

  private memory(from: Buffer): Block {
    const block = this.system.allocate(from.length);
    from.copy(block.bytes);
    return block;
  }

  private element(command: number, map: number): number {
    return this.call(command, (it) => {
      it.writeUInt32LE(map, 0);
      pointer(it, 8, this.key.address);
      pointer(it, 16, this.value.address);
    });
  }

  private must(what: string, command: number, fill: (attribute: Buffer) => void): number {
    const result = this.call(command, fill);
    if (result === failure('EPERM')) throw refused(`${what}: it needs CAP_BPF and CAP_NET_ADMIN`);
    if (result < 0) throw refused(`${what} (${failureName(result)})`);
    return result;
  }

  private call(command: number, fill: (attribute: Buffer) => void): number {
    fill(this.attribute.fill(0));
    return this.system.bpf(command, this.attribute);
  }
}

function refused(message: string): VardeError {
  return new VardeError('tzsp_unavailable', message);
}

/** Always of 64 bits. */
function pointer(into: Buffer, at: number, address: number): void {
  into.writeBigUInt64LE(BigInt(address), at);
}
