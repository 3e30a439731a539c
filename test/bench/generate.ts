import { closeSync, openSync, writeSync } from 'node:fs';
import { type Random, seeded } from '../lab/pcap/random.ts';
import { alertLine, conversation, dnsLines, flowLine, httpLines, sshLine, statsLine, tlsLine } from './eve-lines.ts';
import type { Conversation } from './eve-lines.ts';

export interface EveOptions {
  /** The same seed gives the same lines. */
  seed: string;
  /** Time of the first line, milliseconds since the epoch. */
  start: number;
  /** Microseconds between two lines, on average. */
  spacing: number;
}

/** Share of each kind of connection, per hundred lines; each ends with one flow line. */
const KINDS: readonly [Conversation['protocol'], number][] = [
  ['dns', 14.3],
  ['tls', 13.5],
  ['http', 5.9],
  ['ssh', 0.9],
  ['failed', 7],
];
const FLOWS = KINDS.reduce((sum, [, share]) => sum + share, 0);
const ALERTS = 3.2 / FLOWS;
const STATS = 0.5 / FLOWS;
/** A flow is logged when it ends: about this many lines after it began. */
const FLOW_DELAY = 400;

type Make = (time: string) => string;

/**
 * Lines as Suricata 7 writes them, without end: flow 41.6 %, dns 28.6, tls 13.5, http 5.9, fileinfo 5.9, alert 3.2, ssh 0.9, stats 0.5; about
 * 696 bytes each. Lines of one connection share its flow id, and a flow's line comes well after its first packet.
 */
export class EveGenerator {
  private readonly random: Random;
  private readonly options: EveOptions;
  private readonly soon: Make[] = [];
  private readonly later: Make[] = [];
  private made = 0;
  private second = -1;
  private secondText = '';

  constructor(options: EveOptions) {
    this.options = options;
    this.random = seeded(options.seed);
  }

  /** The next line, without its newline. `at` (milliseconds) overrules the made-up clock. */
  next(at?: number): string {
    if (this.soon.length === 0) this.converse();
    const micros = at === undefined ? this.clock() : at * 1000;
    this.made++;
    return this.soon.pop()!(this.timestamp(micros));
  }

  private clock(): number {
    return this.options.start * 1000 + Math.floor((this.made + this.random.next()) * this.options.spacing);
  }

  private converse(): void {
    const { random } = this;
    const c = conversation(random, this.kind());
    const lines = this.linesOf(c);
    if (random.chance(ALERTS)) lines.push(alertLine(random, c));
    const started = this.timestamp(this.clock());
    this.later.push(flowLine(random, c, started));
    if (random.chance(STATS)) lines.push((time) => statsLine(this.made, time));
    if (this.later.length > FLOW_DELAY) lines.push(this.later.shift()!);
    this.soon.push(...lines.reverse());
    if (this.soon.length === 0) this.soon.push(this.later.shift()!);
  }

  private linesOf(c: Conversation): Make[] {
    switch (c.protocol) {
      case 'dns':
        return dnsLines(this.random, c);
      case 'tls':
        return [tlsLine(this.random, c)];
      case 'http':
        return httpLines(this.random, c);
      case 'ssh':
        return [sshLine(this.random, c)];
      case 'failed':
        return [];
    }
  }

  private kind(): Conversation['protocol'] {
    let draw = this.random.next() * FLOWS;
    for (const [kind, share] of KINDS) {
      draw -= share;
      if (draw < 0) return kind;
    }
    return 'failed';
  }

  private timestamp(micros: number): string {
    const second = Math.floor(micros / 1e6);
    if (second !== this.second) {
      this.second = second;
      this.secondText = new Date(second * 1000).toISOString().slice(0, 19);
    }
    return `${this.secondText}.${String(micros - second * 1e6).padStart(6, '0')}+0000`;
  }
}

const BLOCK = 4 * 1024 * 1024;

/** Appends `lines` lines of the generator to a file; gives the bytes written. */
export function writeLines(
  path: string,
  generator: EveGenerator,
  lines: number,
  progress?: (lines: number) => void,
): number {
  const fd = openSync(path, 'a');
  const block = Buffer.allocUnsafe(BLOCK);
  let used = 0;
  let bytes = 0;
  const flush = (): void => {
    for (let at = 0; at < used;) at += writeSync(fd, block, at, used - at);
    bytes += used;
    used = 0;
  };
  try {
    for (let i = 0; i < lines; i++) {
      const line = generator.next();
      if (used + line.length + 1 > BLOCK) {
        flush();
        progress?.(i);
      }
      used += block.write(line, used, 'latin1');
      block[used++] = 10;
    }
    flush();
  } finally {
    closeSync(fd);
  }
  return bytes;
}
