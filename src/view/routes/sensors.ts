import { VardeError } from '../../base/errors.ts';
import type { SensorReport } from '../api.ts';
import { readJsonBody } from '../body.ts';
import { badRequest } from '../params.ts';
import { json } from '../respond.ts';
import { defineRoute } from '../route.ts';
import { MAX_PROBES, readReportedAt, readSentProbe } from '../sent-probes.ts';

/** `sensor` asks for one; `brief=1` leaves out what the plots show, which is most of the answer. */
export const sensors = defineRoute({
  method: 'GET',
  path: '/api/sensors',
  run: ({ deps, params }) => {
    const answer = deps.sensors();
    const name = params.text('sensor', 63);
    let found = answer.sensors;
    if (name !== null) found = found.filter((sensor) => sensor.name === name);
    if (name !== null && found.length === 0) throw badRequest('sensor', 'is the name of no sensor.');
    return json({ ...answer, sensors: params.flag('brief') ? found.map(brief) : found });
  },
});

function brief(sensor: SensorReport): SensorReport {
  return { ...sensor, chains: sensor.chains.map(withoutHistory), health: withoutHistory(sensor.health) };
}

/** A spread would read the history first, and it is made only when it is read. */
function withoutHistory<T extends object>(report: T): T {
  const parts = { ...Object.getOwnPropertyDescriptors(report), history: { value: [], enumerable: true } };
  return Object.defineProperties({}, parts as PropertyDescriptorMap) as T;
}

/** Reports of `varde probe` on this or another machine. Only on the socket: who can write there can write the log too. */
export const probesSent = defineRoute({
  method: 'POST',
  path: '/api/probes/sent',
  socketOnly: true,
  run: async ({ deps, request, now }) => {
    const { probes, reported_at } = await readJsonBody(request);
    if (!Array.isArray(probes) || probes.length === 0 || probes.length > MAX_PROBES)
      throw badRequest('probes', `must be a list of 1 to ${MAX_PROBES} probes.`);
    const read = probes.map((probe: unknown, i) => {
      const result = readSentProbe(probe, now);
      if (typeof result === 'string') throw badRequest(`probes.${i}`, result);
      return result;
    });
    const reported = readReportedAt(reported_at, now);
    if (reported === null) throw badRequest('reported_at', 'must be milliseconds since 1970.');
    return json(deps.probesSent(read, reported));
  },
});

export const demo = defineRoute({
  method: 'POST',
  path: '/api/demo',
  run: async ({ deps, request }) => {
    const { broken } = await readJsonBody(request);
    if (deps.demo === undefined)
      throw new VardeError('not_found', 'This is no demo: nothing here is broken on purpose.');
    if (typeof broken !== 'boolean') throw badRequest('broken', 'must be true or false.');
    deps.demo(broken);
    return json({ broken });
  },
});
