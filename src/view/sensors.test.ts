import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SentProbe } from '../probe/sent-probe.ts';
import { ask, NOW, startFakeStation, type FakeStation } from './testing/fake-station.ts';

const PROBE: SentProbe = {
  path: 'lan',
  kind: 'icmp',
  seq: 7,
  sent: NOW - 10,
  source_ip: '192.0.2.1',
  source_port: null,
  destination_ip: '192.0.2.10',
  destination_port: null,
  error: null,
  answered_ms: 0.4,
};

describe('sensors', () => {
  let station: FakeStation;
  const taken: SentProbe[] = [];
  const reports: (number | undefined)[] = [];
  const breaks: boolean[] = [];
  beforeAll(async () => {
    station = await startFakeStation({
      probesSent: (probes, reported) => {
        reports.push(reported);
        taken.push(...probes);
        return { taken: probes.length, refused: 0 };
      },
      demo: (broken) => void breaks.push(broken),
    });
  });
  afterAll(() => station.stop());
  const post = (body: unknown, socket = true) =>
    ask(station, '/api/probes/sent', { method: 'POST', socket, body: JSON.stringify(body) });

  it('answers with the report', async () => {
    expect((await ask(station, '/api/sensors')).json()).toEqual(station.deps.sensors());
  });

  it('answers for one sensor, and without the plots where nobody looks at them', async () => {
    let made = 0;
    const chain = {
      path: 'lan',
      get history() {
        made++;
        return [[1, 1, 0, 2]];
      },
    };
    const sensors = ['a', 'b'].map((name) => ({ name, chains: [chain], health: { drops: 1, history: [[1, 2, 3]] } }));
    const many = await startFakeStation({ sensors: () => ({ ...station.deps.sensors(), sensors: sensors as never }) });
    const of = async (query: string) =>
      ((await ask(many, `/api/sensors${query}`)).json() as { sensors: unknown }).sensors;
    expect(await of('')).toEqual(sensors);
    expect(await of('?sensor=b')).toEqual([sensors[1]]);
    made = 0;
    const [first] = (await of('?brief=1')) as typeof sensors;
    expect(first).toEqual({ name: 'a', chains: [{ path: 'lan', history: [] }], health: { drops: 1, history: [] } });
    expect(made).toBe(0);
    expect((await ask(many, '/api/sensors?sensor=c')).status).toBe(400);
    await many.stop();
  });

  it('takes what senders report, without what it does not know', async () => {
    const odd = { ...PROBE, seq: 8, error: 'ENETUNREACH', source_ip: null, answered_ms: null, more: '<b>' };
    expect((await post({ probes: [PROBE, odd] })).json()).toEqual({ taken: 2, refused: 0 });
    const { more: _, ...known } = odd;
    expect(taken).toEqual([PROBE, known]);
    await post({ probes: [PROBE], reported_at: NOW - 5 });
    expect(reports).toEqual([undefined, NOW - 5]);
  });

  it('takes it on the socket only', async () => {
    const before = taken.length;
    expect((await post({ probes: [PROBE] }, false)).status).toBe(403);
    expect(taken).toHaveLength(before);
  });

  it.each([
    {},
    { probes: [] },
    { probes: 'x' },
    { probes: [PROBE], reported_at: '1' },
    { probes: [PROBE], reported_at: 9e15 },
    { probes: Array.from({ length: 2001 }, () => PROBE) },
    ...[
      null,
      [],
      { ...PROBE, path: '../x' },
      { ...PROBE, path: '__proto__' },
      { ...PROBE, kind: 'smtp' },
      { ...PROBE, kind: 'constructor' },
      { ...PROBE, seq: 0 },
      { ...PROBE, seq: 1.5 },
      { ...PROBE, seq: 2 ** 32 },
      { ...PROBE, sent: '1' },
      { ...PROBE, sent: 0 },
      { ...PROBE, sent: 9e15 },
      { ...PROBE, source_ip: 'router' },
      { ...PROBE, source_ip: undefined },
      { ...PROBE, source_port: -1 },
      { ...PROBE, destination_ip: `fe80::1%${'a'.repeat(80)}` },
      { ...PROBE, destination_port: 65_536 },
      { ...PROBE, error: 'no route\u001b[31m' },
      { ...PROBE, answered_ms: -1 },
    ].map((probe) => ({ probes: [PROBE, probe] })),
  ])('refuses %j', async (body) => {
    const before = taken.length;
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'bad_request' } });
    expect(taken).toHaveLength(before);
  });

  it('does not make the station ill: nothing restarts it because a sensor is silent', async () => {
    const before = station.status;
    station.status = {
      ...before,
      lamp: { state: 'blind', reason: 'a: no alert.' },
      reading: { state: 'alive', reason: 'Fine.' },
    };
    const well = await ask(station, '/healthz');
    expect([well.status, well.json()]).toEqual([200, { ok: true, lamp: 'alive', code: '', reason: 'Fine.' }]);
    station.status = { ...station.status, reading: { state: 'blind', reason: 'No file.' } };
    expect((await ask(station, '/healthz')).status).toBe(503);
    station.status = before;
  });

  it('breaks the demo on request, and nothing else', async () => {
    const send = (body: unknown, where = station) =>
      ask(where, '/api/demo', { method: 'POST', body: JSON.stringify(body) });
    expect((await send({ broken: true })).json()).toEqual({ broken: true });
    expect((await send({ broken: 'yes' })).status).toBe(400);
    expect(breaks).toEqual([true]);
    const real = await startFakeStation();
    expect((await send({ broken: true }, real)).status).toBe(404);
    await real.stop();
  });
});
