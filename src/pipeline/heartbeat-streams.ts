import type { SensorFacts, SensorOptions } from '../detect/heartbeat/facts.ts';
import type { TzspReport } from '../packet/tzsp/report.ts';

/**
 * Tells each sensor on an interface that TZSP streams are written into when the newest frame of a router that feeds that interface was received.
 * Changes the facts in place.
 */
export function addStreams(
  facts: Record<string, SensorFacts>,
  sensors: readonly SensorOptions[],
  report: TzspReport | null,
): void {
  if (report === null) return;
  for (const sensor of sensors) {
    const known = facts[sensor.name];
    if (sensor.interface === null || known === undefined) continue;
    const places = report.outputs.flatMap(({ type, name }, place) =>
      type === 'inject' && name === `inject ${sensor.interface}` ? [place] : [],
    );
    if (places.length === 0) continue;
    const frames = report.routers.flatMap(({ outputs, lastFrame }) =>
      lastFrame !== null && outputs.some((place) => places.includes(place)) ? [lastFrame] : [],
    );
    known.stream = { last: frames.length === 0 ? null : Math.max(...frames), since: report.started };
  }
}
