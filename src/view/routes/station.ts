import { METRICS_CONTENT_TYPE } from '../../telemetry/metrics.ts';
import { json } from '../respond.ts';
import { defineRoute } from '../route.ts';
import { health } from '../health.ts';
import { DEFAULT_COLUMNS } from './events.ts';

export const status = defineRoute({
  method: 'GET',
  path: '/api/status',
  run: ({ deps }) => json(deps.stationStatus()),
});

export const healthz = defineRoute({
  method: 'GET',
  path: '/healthz',
  run: ({ deps }) => {
    const verdict = health(deps.stationStatus());
    return json(verdict, verdict.ok ? 200 : 503);
  },
});

export const metrics = defineRoute({
  method: 'GET',
  path: '/metrics',
  run: ({ deps }) =>
    new Response(deps.telemetry.metrics.render(), {
      headers: { 'content-type': METRICS_CONTENT_TYPE, 'cache-control': 'no-store' },
    }),
});

export const live = defineRoute({
  method: 'GET',
  path: '/api/live',
  run: ({ state, params }) => {
    const expression = params.expression();
    const columns = params.columns(DEFAULT_COLUMNS);
    return state.live.open(params.text('rows', 10) === '0' ? null : { expression, columns });
  },
});
