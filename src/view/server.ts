import { createServer, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { unlinkSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import { EVENTS } from '../telemetry/event-list.ts';
import { METRICS } from '../telemetry/metric-list.ts';
import type { Lamp } from './api.ts';
import { createApp } from './app.ts';
import type { Side, ViewDeps } from './deps.ts';
import { listenTcp, listenUnix } from './listen.ts';
import { createLiveHub } from './live-hub.ts';
import { createShared } from './shared.ts';

/** The station's face: the page and the HTTP API, on a loopback port and on a Unix socket. */
export interface View {
  /** The application itself; without a side it is treated as a request from the network. */
  fetch(request: Request, side?: Side): Promise<Response>;
  /** @throws VardeError bind_refused, port_taken */
  listen(where: { host: string; port: number }): Promise<{ url: string; port: number }>;
  /** @throws VardeError data_folder */
  listenSocket(path: string): Promise<void>;
  /** Cancels every question, ends every stream and lets go of port and socket. */
  close(): Promise<void>;
}

/** How long answers that are being written may go on after close. */
const GRACE_MS = 300;
/** Overviews are shared that long. */
const SHARE_MS = 1000;

const LIMITS = {
  /** A request must have arrived as a whole after this, its head after that (slowloris). */
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 32 * 1024,
};
const MAX_CONNECTIONS = 256;

export function createView(deps: ViewDeps): View {
  const now = deps.now ?? Date.now;
  const closing = new AbortController();
  const state = { live: createLiveHub(deps, { now }), shared: createShared(SHARE_MS, now) };
  const app = createApp(deps, state, closing.signal);
  const servers: Server[] = [];
  const uncollect = collectStation(deps);
  let socketFile: string | null = null;

  function serve(kind: Side['kind']): Server {
    const server = createServer(LIMITS);
    const handle = getRequestListener(
      (request, env) => {
        const { outgoing } = env as { outgoing: ServerResponse };
        const onClose = (listener: () => void): void => void outgoing.once('close', listener);
        return app.fetch(request, { kind, abandon: () => outgoing.destroy(), onClose });
      },
      // The globals stay Node's own: other parts of the process use them too.
      { overrideGlobalObjects: false, errorHandler: () => app.malformed() },
    );
    server.on('request', (incoming, outgoing) => {
      handle(incoming, outgoing).catch((error: unknown) => {
        deps.telemetry.emit(EVENTS.defect_met, { where: 'http', error });
        outgoing.destroy();
      });
    });
    server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
    server.maxConnections = MAX_CONNECTIONS;
    servers.push(server);
    return server;
  }

  return {
    fetch: (request, side = { kind: 'tcp' }) => app.fetch(request, side),
    listen: async ({ host, port }) => {
      const bound = await listenTcp(serve('tcp'), host, port);
      deps.telemetry.emit(EVENTS.page_listening, { address: bound.url });
      return bound;
    },
    listenSocket: async (path) => {
      await listenUnix(serve('socket'), path);
      socketFile = path;
      deps.telemetry.emit(EVENTS.page_listening, { address: path });
    },
    close: async () => {
      closing.abort();
      uncollect();
      state.live.close();
      await Promise.all(servers.splice(0).map(closeServer));
      if (socketFile !== null) removeSocket(socketFile);
      socketFile = null;
    },
  };

  function removeSocket(path: string): void {
    try {
      unlinkSync(path);
    } catch (error) {
      // Node removes it on close where it can; then there is nothing left to do.
      deps.telemetry.log.debug('The socket was gone already.', { path, reason: messageOf(error) });
    }
  }
}

const LAMPS: readonly Lamp[] = ['alive', 'late', 'blind', 'unknown'];

/** What the page shows at its top, for Prometheus too. */
function collectStation({ telemetry: { metrics }, version, stationStatus }: ViewDeps): () => void {
  return metrics.collect(() => {
    metrics.set(METRICS.build, 1, { version });
    const { state } = stationStatus().lamp;
    for (const lamp of LAMPS) metrics.set(METRICS.lamp, lamp === state ? 1 : 0, { state: lamp });
  });
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
