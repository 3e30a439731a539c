import { Tailer } from '../tailer.ts';
import { limitsOf } from '../piece.ts';
import type { TailerOptions } from '../options.ts';
import type { Ledger } from './ledger.ts';

/** A tailer that is driven step by step on a clock of its own: tests say when it looks, so nothing depends on timing. */
export class Stepper {
  readonly events: { event: string; path: string }[] = [];
  readonly tailer: Tailer;
  private clock = 0;

  constructor(ledger: Ledger, patterns: string[], options: Partial<TailerOptions> & { id?: string } = {}) {
    const log: TailerOptions['log'] = (event, fields) => this.events.push({ event, path: String(fields.path ?? '') });
    const base = { start: 'head' as const, since_ms: null, linger_ms: 0, away_ms: 1e12, log };
    this.tailer = new Tailer({ ...base, patterns, ...options, ...limitsOf(options) }, ledger.context(options.id));
  }

  begin(): this {
    this.tailer.begin(this.clock);
    return this;
  }

  /** Looks, and reads until nothing is left. */
  async step(times = 1): Promise<void> {
    for (let i = 0; i < times; i++) {
      this.look();
      await this.tailer.work(() => this.clock);
    }
  }

  /** Looks only: also possible while a step waits for its receiver. */
  look(): void {
    this.clock += 1000;
    this.tailer.poll(this.clock, true);
  }

  /** As the operating system does at the end of a process: closes what is open, hands nothing over. */
  kill(): void {
    this.tailer.halt();
    this.tailer.end();
  }
}
