import { spawn, type ChildProcess } from 'node:child_process';
import { labEnvironment } from '../program.ts';

/** A program that stays until it is told to end. What it says is kept, as far as people would read it. */
export class Child {
  readonly process: ChildProcess;
  private ended = false;
  private text = '';
  private readonly gone: Promise<void>;

  constructor(command: readonly string[], env: Record<string, string> = {}) {
    const [program = '', ...args] = command;
    this.process = spawn(program, args, { env: labEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (data: Buffer) => (this.text = (this.text + data.toString()).slice(-20_000)));
    this.gone = new Promise((done) => {
      this.process.once('error', (error) => {
        this.text += error.message;
        this.ended = true;
        done();
      });
      this.process.once('close', () => {
        this.ended = true;
        done();
      });
    });
  }

  get said(): string {
    return this.text;
  }

  get isOver(): boolean {
    return this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.ended) this.process.kill(signal);
  }

  /** Resolves when it is gone; one that does not listen is killed. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.signal(signal);
    // A process that was stopped hears nothing else.
    this.signal('SIGCONT');
    const patience = setTimeout(() => this.signal('SIGKILL'), 15_000);
    await this.gone;
    clearTimeout(patience);
  }
}
