/**
 * A small assembler for eBPF, as in the kernel's document "BPF Instruction Set Architecture" (RFC 9669). An instruction has 8 bytes: operation u8,
 * destination and source register of 4 bits each, offset i16, immediate i32. Little endian.
 */
const LD_IMM64 = 0x18;
const CALL = 0x85;
const EXIT = 0x95;
/** Source register of LD_IMM64: the immediate is a map's file descriptor. */
const PSEUDO_MAP_FD = 1;

/** Bytes of a load or store. */
export type Size = 1 | 2 | 4 | 8;
const SIZE_BITS: Record<Size, number> = { 4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18 };
const LDX_MEM = 0x61;
const ST_MEM = 0x62;
const STX_MEM = 0x63;

/** Of 64 bits, with an immediate; a source register instead adds {@link FROM_REGISTER}. */
const ALU = { add: 0x07, sub: 0x17, and: 0x57, rsh: 0x77, neg: 0x87, mov: 0xb7 } as const;
/** Unsigned but for those with an s; of 64 bits. */
const JUMP = { eq: 0x15, gt: 0x25, ge: 0x35, ne: 0x55, slt: 0xc5, lt: 0xa5, le: 0xb5 } as const;
const JUMP_ALWAYS = 0x05;
const FROM_REGISTER = 0x08;
/** Bytes of the lower half swapped to big endian. */
const TO_BIG_ENDIAN = 0xdc;

/** A register, r0 to r10: r0 is a call's result, r1 to r5 its arguments and lost by it, r6 to r9 are kept, r10 is the stack's end. */
export type Register = `r${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}`;
type Operand = Register | number;

const number = (register: Register): number => Number(register.slice(1));

export class Assembler {
  private readonly code: { op: number; dst: number; src: number; off: number; imm: number; label?: string }[] = [];
  private readonly labels = new Map<string, number>();

  alu(operation: keyof typeof ALU, to: Register, from: Operand = 0): this {
    return this.operate(ALU[operation], to, from);
  }

  bigEndian16(register: Register): this {
    return this.put(TO_BIG_ENDIAN, number(register), 0, 0, 16);
  }

  load(size: Size, to: Register, from: Register, offset: number): this {
    return this.put(LDX_MEM | SIZE_BITS[size], number(to), number(from), offset, 0);
  }

  store(size: Size, to: Register, offset: number, from: Operand): this {
    return typeof from === 'number'
      ? this.put(ST_MEM | SIZE_BITS[size], number(to), 0, offset, from)
      : this.put(STX_MEM | SIZE_BITS[size], number(to), number(from), offset, 0);
  }

  /** To the label where the condition holds. */
  jump(condition: keyof typeof JUMP, left: Register, right: Operand, label: string): this {
    return this.operate(JUMP[condition], left, right, label);
  }

  go(label: string): this {
    return this.put(JUMP_ALWAYS, 0, 0, 0, 0, label);
  }

  loadMap(to: Register, fd: number): this {
    return this.put(LD_IMM64, number(to), PSEUDO_MAP_FD, 0, fd).put(0, 0, 0, 0, 0);
  }

  /** A number beyond 32 bits. */
  loadBig(to: Register, value: bigint): this {
    const [low, high] = [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
    return this.put(LD_IMM64, number(to), 0, 0, low).put(0, 0, 0, 0, high);
  }

  call(helper: number): this {
    return this.put(CALL, 0, 0, 0, helper);
  }

  exit(): this {
    return this.put(EXIT, 0, 0, 0, 0);
  }

  label(name: string): this {
    if (this.labels.has(name)) throw new RangeError(`label ${name} is there twice`);
    this.labels.set(name, this.code.length);
    return this;
  }

  /** @throws RangeError on a label that is not there */
  assemble(): Buffer {
    const out = Buffer.alloc(this.code.length * 8);
    for (const [i, { op, dst, src, off, imm, label }] of this.code.entries()) {
      out.writeUInt8(op, i * 8);
      out.writeUInt8(dst | (src << 4), i * 8 + 1);
      out.writeInt16LE(label === undefined ? off : this.distance(i, label), i * 8 + 2);
      out.writeInt32LE(imm | 0, i * 8 + 4);
    }
    return out;
  }

  private distance(from: number, label: string): number {
    const target = this.labels.get(label);
    if (target === undefined) throw new RangeError(`there is no label ${label}`);
    return target - from - 1;
  }

  private operate(op: number, to: Register, from: Operand, label?: string): this {
    return typeof from === 'number'
      ? this.put(op, number(to), 0, 0, from, label)
      : this.put(op | FROM_REGISTER, number(to), number(from), 0, 0, label);
  }

  private put(op: number, dst: number, src: number, off: number, imm: number, label?: string): this {
    this.code.push({ op, dst, src, off, imm, ...(label === undefined ? {} : { label }) });
    return this;
  }
}
