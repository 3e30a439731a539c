import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came. */
export interface Received {
  path: string;
  headers: NodeJS.Dict<string | string[]>;
  body: Record<string, unknown>;
  /** What it was answered. */
  status: number;
}

/** A web server that takes messages, or refuses them. */
export class Receiver {
  readonly received: Received[] = [];
  /** The status of the next answers; 0: none at all. */
  answer = 200;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        const status = this.answer;
        const body = JSON.parse(text) as Record<string, unknown>;
        this.received.push({ path: request.url ?? '', headers: request.headers, body, status });
        if (status === 0) return;
        response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:9/' } : {});
        response.end(status === 200 ? 'ok' : 'not now');
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get taken(): Received[] {
    return this.received.filter((it) => it.status === 200);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Waits until something is so. @throws Error naming it, after 20 s */
export async function waitFor(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
