import { join } from 'node:path';
import type { Config, ProbePath, SensorConfig } from '../config/schema.ts';
import type { PathOptions, SensorOptions } from '../detect/heartbeat/facts.ts';

/** The sensor that a config without sensors has. */
const DEFAULT_SENSOR = 'sensor';

/** The configured sensors as the heartbeat wants them; without any there is one that writes every source. */
export function sensorOptions(config: Config): SensorOptions[] {
  const configured: Partial<SensorConfig>[] = config.sensors.length === 0 ? [{}] : config.sensors;
  return configured.map((sensor) => ({
    name: sensor.name ?? DEFAULT_SENSOR,
    sources: sourceIds(config, sensor.sources),
    command_socket: sensor.command_socket ?? null,
    interface: sensor.interface ?? null,
  }));
}

/** Ids of sources (`file_tail:0`): of those that are named, else of all that Suricata writes. */
function sourceIds(config: Config, named: SensorConfig['sources']): string[] {
  const chosen = config.sources.flatMap((source, index) => {
    const mine =
      named === undefined
        ? source.parser === 'suricata-eve'
        : named.some((name) => (typeof name === 'number' ? name === index : source.paths.includes(name)));
    return mine ? [`${source.type}:${index}`] : [];
  });
  return chosen;
}

export function pathOptions(config: Config): PathOptions[] {
  return config.probes.paths.map(({ name, sensor, target, kinds, interval_secs, jitter_percent }) => ({
    name,
    sensor,
    target,
    kinds,
    interval_secs,
    jitter_percent,
  }));
}

/** The paths that the station itself sends on. */
export function ownPaths(config: Config): ProbePath[] {
  return config.probes.paths.filter(({ send }) => send === 'station');
}

export function keyFile(config: Config): string {
  return config.probes.key_file ?? join(config.data, 'probe.key');
}
