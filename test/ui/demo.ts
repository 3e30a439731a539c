import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** The station that the tour is made through: another one's address in VARDE_UI_URL, else the demo of this checkout. */
export interface RealStation {
  url: string;
  /** Milliseconds since the epoch when the address was printed. */
  announced: number;
  stop(): Promise<void>;
}

/** Null where a real station can be had; else why not. In CI a missing build is a failure of the tour itself. */
export function missingStation(): string | null {
  if (process.env['VARDE_UI_URL'] || existsSync('dist/main.js') || process.env['CI'] === 'true') return null;
  return 'not built (npm run build)';
}

export async function startRealStation(): Promise<RealStation> {
  const given = process.env['VARDE_UI_URL'];
  if (given) return { url: given.replace(/\/$/, ''), announced: Date.now(), stop: async () => undefined };
  const child: ChildProcess = spawn(process.execPath, ['bin/varde', 'demo', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr!.on('data', (data: Buffer) => (said = (said + data.toString('utf8')).slice(-4000)));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const url = await new Promise<string>((ready, failed) => {
    const late = setTimeout(() => failed(new Error(`The demo printed no address in 120 s: ${said}`)), 120_000);
    createInterface({ input: child.stdout! }).once('line', (line) => {
      clearTimeout(late);
      ready((JSON.parse(line) as { url: string }).url);
    });
    void ended.then(() => failed(new Error(`The demo ended: ${said}`)));
  });
  return {
    url: url.replace(/\/$/, ''),
    announced: Date.now(),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
