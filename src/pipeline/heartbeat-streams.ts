import type { SensorFacts, SensorOptions } from '../detect/heartbeat/facts.ts';
import type { TzspReport } from '../packet/tzsp/report.ts';

/** Tells each sensor on an interface that TZSP streams are written into when the newest frame was received. Changes the facts in place. */
export function addStreams(
  facts: Record<string, SensorFacts>,
  sensors: readonly SensorOptions[],
  report: TzspReport | null,
): void {
  if (report === null) return;
  const targets = new Set(report.outputs.filter(({ type }) => type === 'inject').map(({ name }) => name));
  const frames = report.routers.flatMap(({ lastFrame }) => lastFrame ?? []);
  const last = frames.length === 0 ? null : Math.max(...frames);
  for (const sensor of sensors) {
    if (sensor.interface === null || !targets.has(`inject ${sensor.interface}`)) continue;
    const known = facts[sensor.name];
    if (known !== undefined) known.stream = { last, since: report.started };
  }
}
