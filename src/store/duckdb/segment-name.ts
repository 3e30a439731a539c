/**
 * Names of the store's files. They are made of our own numbers only, never of input:
 *
 *   0000000000000042-0000000000000057.parquet       a segment: first and last commit in it
 *   0000000000000042-0000000000000057.q3.ndjson.gz  its quarantine: 3 lines
 *   0000000000000042-0000000000000057.keys            which flows are in it (see key-file.ts)
 *   anything.tmp                                    half written; removed at start
 */
const SEGMENT = /^(\d{16})-(\d{16})\.parquet$/;
const KEYS = /^(\d{16}-\d{16})\.keys$/;
const QUARANTINE = /^(\d{16}-\d{16})\.q(\d{1,12})\.ndjson\.gz$/;

export const TEMPORARY = '.tmp';

/** Name without extension for the commits `from` to `to`, inclusive. */
export function segmentStem(from: number, to: number): string {
  return `${String(from).padStart(16, '0')}-${String(to).padStart(16, '0')}`;
}

export function segmentName(stem: string): string {
  return `${stem}.parquet`;
}

export function quarantineName(stem: string, lines: number): string {
  return `${stem}.q${lines}.ndjson.gz`;
}

export function keysName(stem: string): string {
  return `${stem}.keys`;
}

/** The stem; null for any other file. */
export function parseKeysName(name: string): string | null {
  return KEYS.exec(name)?.[1] ?? null;
}

/** The stem of a segment's name and its commits; null for any other file. */
export function parseSegmentName(name: string): { stem: string; from: number; to: number } | null {
  const match = SEGMENT.exec(name);
  if (match === null) return null;
  return { stem: name.slice(0, -'.parquet'.length), from: Number(match[1]), to: Number(match[2]) };
}

export function parseQuarantineName(name: string): { stem: string; lines: number } | null {
  const match = QUARANTINE.exec(name);
  return match === null ? null : { stem: match[1] as string, lines: Number(match[2]) };
}
