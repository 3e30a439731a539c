import type { ViewDeps, Side } from './deps.ts';
import type { LiveHub } from './live-hub.ts';
import type { Params } from './params.ts';
import type { Shared } from './shared.ts';

/** What lives as long as the view: shared by its routes. */
export interface ViewState {
  live: LiveHub;
  shared: Shared;
}

/** One request, as a route sees it. */
export interface Call {
  deps: ViewDeps;
  state: ViewState;
  side: Side;
  params: Params;
  request: Request;
  /** Aborts when the client goes away or the view closes; every question gets it. */
  signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now: number;
}

/** One endpoint: the declaration that the app serves, the metrics name and the tests walk. */
export interface Route {
  method: 'GET' | 'POST';
  /** Fixed path, without parameters. */
  path: string;
  /** Kind for `varde_question_duration_seconds`; absent where nothing is asked of the store. */
  question?: string;
  /** Only on the Unix socket. */
  socketOnly?: true;
  run(call: Call): Response | Promise<Response>;
}

export const defineRoute = (route: Route): Route => route;
