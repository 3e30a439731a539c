import { captureError } from '../captured.ts';
import { OPTION, padded } from './blocks.ts';
import type { Numbers } from './numbers.ts';

/** What an interface description block says of the packets that name it. */
export interface Interface {
  linkType: number;
  /** 0: no limit. */
  snapLength: number;
  /** Time stamps count this part of a second. */
  unitsPerSecond: bigint;
  offsetSeconds: bigint;
}

const BINARY = 0x80;
/** Finer than 10^-19 or 2^-63 does not fit the 64 bits of a time stamp. */
const MAX_POWER = { ten: 19, two: 63 } as const;

/** Reads the block's body. @throws VardeError capture_damaged where it is too short or its resolution makes no sense */
export function interfaceOf(body: Buffer, numbers: Numbers, offset: number): Interface {
  if (body.length < 8) throw captureError('an interface description is too short', offset);
  const found: Interface = {
    linkType: numbers.u16(body, 0),
    snapLength: numbers.u32(body, 4),
    unitsPerSecond: 1_000_000n,
    offsetSeconds: 0n,
  };
  for (let at = 8; at + 4 <= body.length;) {
    const code = numbers.u16(body, at);
    const length = numbers.u16(body, at + 2);
    if (code === OPTION.END) break;
    const value = body.subarray(at + 4, at + 4 + length);
    if (value.length < length) throw captureError('an option of an interface is cut', offset);
    if (code === OPTION.IF_TSRESOL && length === 1) found.unitsPerSecond = unitsPerSecond(value[0]!, offset);
    if (code === OPTION.IF_TSOFFSET && length === 8) found.offsetSeconds = numbers.i64(value, 0);
    at += 4 + padded(length);
  }
  return found;
}

function unitsPerSecond(resolution: number, offset: number): bigint {
  const binary = (resolution & BINARY) !== 0;
  const power = resolution & ~BINARY;
  if (power > (binary ? MAX_POWER.two : MAX_POWER.ten))
    throw captureError(`a time resolution of ${binary ? 2 : 10}^-${power}`, offset);
  return (binary ? 2n : 10n) ** BigInt(power);
}

/** Seconds and nanoseconds (rounded down) of a time stamp in two halves; both -1 before 1970, which no packet is. */
export function timeOf(high: number, low: number, from: Interface): { seconds: number; nanoseconds: number } {
  const units = (BigInt(high) << 32n) | BigInt(low);
  const seconds = units / from.unitsPerSecond + from.offsetSeconds;
  if (seconds < 0n || seconds > BigInt(Number.MAX_SAFE_INTEGER)) return { seconds: -1, nanoseconds: -1 };
  const nanoseconds = ((units % from.unitsPerSecond) * 1_000_000_000n) / from.unitsPerSecond;
  return { seconds: Number(seconds), nanoseconds: Number(nanoseconds) };
}
