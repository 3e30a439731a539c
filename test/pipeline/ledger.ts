import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Random } from '../lab/pcap/random.ts';
import { varde } from './daemon.ts';

const TYPES = ['alert', 'dns', 'flow', 'http', 'tls', 'stats'];

/** Writes down each line that was ever written, by number and checksum, and compares with what the store gives back. */
export class Ledger {
  private readonly events: number[] = [];
  private readonly garbage: number[] = [];
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** Lines written so far. */
  get lines(): number {
    return this.events.length + this.garbage.length;
  }

  get garbageLines(): number {
    return this.garbage.length;
  }

  /** A new event's line with its newline. */
  event(size = this.random.integer(0, 600)): Buffer {
    const number = this.events.length;
    const time = new Date().toISOString().replace('Z', '123+0000');
    const type = TYPES[number % TYPES.length]!;
    // What fills the line is not compressible, so that sizes on disk grow as they do with real lines.
    const filling = randomBytes(Math.ceil((size * 3) / 4)).toString('base64');
    const alert =
      type === 'alert'
        ? `,"alert":{"signature_id":${number % 50},"signature":"ledger","severity":${(number % 3) + 1}}`
        : '';
    const line = Buffer.from(
      `{"timestamp":"${time}","flow_id":${number + 1},"event_type":"${type}","src_ip":"192.0.2.${number % 250}","dest_ip":"198.51.100.7"${alert},"ledger":${number},"filling":"${filling}"}`,
    );
    this.events.push(crc32(line));
    return Buffer.concat([line, NEWLINE]);
  }

  /** A new line that is no event, with its newline. */
  rubbish(): Buffer {
    const line = Buffer.from(
      `{"rubbish":${this.garbage.length}, cut off here ${this.random.bytes(20).toString('hex')}`,
    );
    this.garbage.push(crc32(line));
    return Buffer.concat([line, NEWLINE]);
  }

  /** A number of new lines, a few of them rubbish. */
  some(count: number): Buffer {
    return Buffer.concat(
      Array.from({ length: count }, () => (this.random.chance(0.005) ? this.rubbish() : this.event())),
    );
  }

  /** Compares with `varde query` on this data folder. All zero (and no unknown lines) is what must come out. */
  async compare(data: string): Promise<Differences> {
    const stored = await varde(['query', '*', '--raw', '--limit', '0', '--data', data]);
    if (stored.code !== 0) throw new Error(`varde query failed: ${stored.stderr}`);
    const quarantined = await varde(['query', '--quarantine', '--json', '--limit', '0', '--data', data]);
    if (quarantined.code !== 0) throw new Error(`varde query --quarantine failed: ${quarantined.stderr}`);
    const differences: Differences = { lost: 0, doubled: 0, altered: 0, unknown: 0, examples: [] };
    count(splitLines(stored.stdout), /"ledger":(\d+)/, this.events, differences);
    const rejects = splitLines(quarantined.stdout).map((line) =>
      Buffer.from((JSON.parse(line.toString()) as { line: string }).line),
    );
    count(rejects, /"rubbish":(\d+)/, this.garbage, differences);
    return differences;
  }
}

export interface Differences {
  lost: number;
  doubled: number;
  altered: number;
  unknown: number;
  /** The first few, for people. */
  examples: string[];
}

export const NOTHING_DIFFERS: Differences = { lost: 0, doubled: 0, altered: 0, unknown: 0, examples: [] };

const NEWLINE = Buffer.from('\n');

export function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

function count(lines: readonly Buffer[], number: RegExp, written: readonly number[], differences: Differences): void {
  const seen = new Uint32Array(written.length);
  const note = (kind: 'lost' | 'doubled' | 'altered' | 'unknown', what: string): void => {
    differences[kind]++;
    if (differences.examples.length < 10) differences.examples.push(`${kind}: ${what.slice(0, 200)}`);
  };
  for (const line of lines) {
    const text = line.toString('latin1');
    const at = Number(number.exec(text)?.[1] ?? -1);
    if (at < 0 || at >= written.length) note('unknown', text);
    else if (crc32(line) !== written[at]) note('altered', text);
    else if (++seen[at]! > 1) note('doubled', text);
  }
  for (const [at, times] of seen.entries()) if (times === 0) note('lost', `${String(number)} ${at}`);
}
