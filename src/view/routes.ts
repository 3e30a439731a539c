import type { Route } from './route.ts';
import { importFiles, sql } from './routes/actions.ts';
import { event, events, neighbours } from './routes/events.ts';
import { exportEvents } from './routes/export.ts';
import { overview } from './routes/overview.ts';
import { exportQuarantine, quarantine, quarantineRetry } from './routes/quarantine.ts';
import { count, empty, explain, fields, nearest, timeline, top, values } from './routes/questions.ts';
import { demo, probesSent, sensors } from './routes/sensors.ts';
import { healthz, live, metrics, status } from './routes/station.ts';

/** Every endpoint: the one list of this room. docs/http-api.md describes each; a test holds both together. */
export const ROUTES: readonly Route[] = [
  overview,
  timeline,
  top,
  count,
  events,
  event,
  neighbours,
  nearest,
  exportEvents,
  fields,
  values,
  explain,
  empty,
  quarantine,
  exportQuarantine,
  quarantineRetry,
  status,
  sensors,
  probesSent,
  demo,
  live,
  sql,
  importFiles,
  metrics,
  healthz,
];
