import { setMaxListeners } from 'node:events';
import { Hono } from 'hono';
import { VardeError } from '../base/errors.ts';
import { EVENTS } from '../telemetry/event-list.ts';
import { METRICS } from '../telemetry/metric-list.ts';
import type { Side, ViewDeps } from './deps.ts';
import { refusal } from './guard.ts';
import { readParams } from './params.ts';
import { asVardeError, errorResponse, reportFailure } from './respond.ts';
import type { Route, ViewState } from './route.ts';
import { ROUTES } from './routes.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { loadStaticFiles, PAGES } from './static-files.ts';

/** The HTTP application, without a server around it: a request and its side in, an answer out. Never throws. */
export interface ViewApp {
  fetch(request: Request, side: Side): Promise<Response>;
  /** For requests that are too broken to become a Request. */
  malformed(): Response;
}

export function createApp(deps: ViewDeps, state: ViewState, closing: AbortSignal): ViewApp {
  // The path as it came: guard and router must read it in the same way, so nothing is decoded.
  const app = new Hono<{ Bindings: Side }>({ getPath: (request) => new URL(request.url).pathname });
  const files = loadStaticFiles(deps.webRoot);
  const now = deps.now ?? Date.now;
  const paths = new Map<string, Route[]>();
  for (const route of ROUTES) paths.set(route.path, [...(paths.get(route.path) ?? []), route]);

  // Not AbortSignal.any: a signal that lives as long as the station would remember each request's for ever (nodejs/node #54614).
  const running = new Set<AbortController>();
  closing.addEventListener('abort', () => {
    for (const controller of running) controller.abort();
  });

  /** Aborts when the client has gone, or the view closes. */
  function lifetime(request: Request, side: Side): AbortSignal {
    const controller = new AbortController();
    // One question may be many at once (overview), and each listens.
    setMaxListeners(64, controller.signal);
    const end = (): void => {
      running.delete(controller);
      controller.abort();
    };
    running.add(controller);
    if (closing.aborted || request.signal.aborted) end();
    if (side.onClose !== undefined) side.onClose(end);
    else request.signal.addEventListener('abort', end, { once: true });
    return controller.signal;
  }

  for (const route of ROUTES) {
    app.on(route.method, route.path, async ({ req, env }) => {
      if (route.socketOnly === true && env.kind !== 'socket') {
        throw new VardeError('forbidden', 'This is answered on the local socket of the station only.');
      }
      // HEAD would ask the whole question for nothing.
      if (req.raw.method === 'HEAD' && route.path !== '/healthz') return methodRefused(route.path, paths);
      const began = performance.now();
      const signal = lifetime(req.raw, env);
      const call = {
        deps,
        state,
        side: env,
        params: readParams(new URL(req.raw.url).searchParams),
        request: req.raw,
        signal,
        now: now(),
      };
      try {
        return await route.run(call);
      } catch (thrown) {
        // What a store throws when it is interrupted has many names; the signal tells them apart from defects.
        throw asVardeError(thrown, signal);
      } finally {
        const seconds = (performance.now() - began) / 1000;
        if (route.question !== undefined) {
          deps.telemetry.metrics.observe(METRICS.question_duration, seconds, { question: route.question });
        }
      }
    });
  }
  app.get('*', ({ req }) => {
    const found = files.answer(req.path, req.raw.headers);
    if (found !== null) return found;
    if (paths.has(req.path)) return methodRefused(req.path, paths);
    if (PAGES.includes(req.path)) throw new VardeError('not_found', 'The page has not been built: npm run build.');
    throw new VardeError('not_found', 'There is nothing under this address.');
  });
  app.notFound(({ req }) => methodRefused(req.path, paths));
  app.onError((thrown, { req }) => {
    const error = asVardeError(thrown);
    reportFailure(error, routeLabel(req.path, paths), deps.telemetry);
    return errorResponse(error);
  });

  async function answer(request: Request, side: Side, path: string): Promise<Response> {
    const refused = refusal({ method: request.method, path, headers: request.headers }, side);
    if (refused === null) return app.fetch(request, side);
    deps.telemetry.metrics.add(METRICS.http_refused, 1, { reason: refused.reason });
    deps.telemetry.emit(EVENTS.request_refused, { reason: refused.reason, route: routeLabel(path, paths) });
    return errorResponse(new VardeError('forbidden', refused.message));
  }

  return {
    fetch: async (request, side) => {
      const path = new URL(request.url).pathname;
      const response = await answer(request, side, path);
      setSecurityHeaders(response.headers);
      deps.telemetry.metrics.add(METRICS.http, 1, { route: routeLabel(path, paths), status: String(response.status) });
      return response;
    },
    malformed: () => {
      const response = errorResponse(new VardeError('bad_request', 'The request is malformed.'));
      setSecurityHeaders(response.headers);
      return response;
    },
  };
}

/** Bounded: every address that is no endpoint counts as the page or as unknown. */
function routeLabel(path: string, paths: ReadonlyMap<string, unknown>): string {
  if (paths.has(path)) return path;
  if (PAGES.includes(path) || path.startsWith('/assets/')) return 'page';
  return 'other';
}

function methodRefused(path: string, paths: ReadonlyMap<string, Route[]>): Response {
  const known = paths.get(path);
  if (known === undefined) return errorResponse(new VardeError('not_found', 'There is nothing under this address.'));
  const methods = known.map((route) => route.method).join(' or ');
  return errorResponse(
    new VardeError('bad_request', `This address takes ${methods}.`, { details: { parameter: 'method' } }),
  );
}
