import type { z } from 'zod';

/** What the check of references needs to know of a config. */
interface Named {
  sources: { paths: string[] }[];
  sensors: { name: string; sources?: (number | string)[] }[];
  probes: { paths: { name: string; sensor: string; interface?: string; vlan?: number }[] };
  notify: { channels: { name: string }[] };
}

/** Names must be there once, and what names another thing must find it: a heartbeat for a sensor that nobody knows would be blind for ever. */
export function checkReferences(config: Named, context: z.RefinementCtx): void {
  const complain = (message: string, ...path: (string | number)[]): void =>
    context.addIssue({ code: 'custom', message, path });
  twice(config.sensors, (i) => complain('is the name of another sensor too', 'sensors', i, 'name'));
  twice(config.probes.paths, (i) => complain('is the name of another path too', 'probes', 'paths', i, 'name'));
  twice(config.notify.channels, (i) => complain('is the name of another channel too', 'notify', 'channels', i, 'name'));

  for (const [i, sensor] of config.sensors.entries()) {
    for (const [k, source] of (sensor.sources ?? []).entries()) {
      const known = typeof source === 'number' ? source < config.sources.length : hasPath(config, source);
      if (!known) complain(`no source is at this place or has this path`, 'sensors', i, 'sources', k);
    }
  }
  const sensors = config.sensors.length === 0 ? ['sensor'] : config.sensors.map(({ name }) => name);
  for (const [i, path] of config.probes.paths.entries()) {
    if (!sensors.includes(path.sensor))
      complain(`no sensor has this name (there is ${sensors.join(', ')})`, 'probes', 'paths', i, 'sensor');
    if (path.vlan !== undefined && path.interface === undefined)
      complain('needs interface: the one that carries this VLAN', 'probes', 'paths', i, 'vlan');
  }
}

function twice(list: { name: string }[], found: (index: number) => void): void {
  const seen = new Set<string>();
  for (const [i, { name }] of list.entries()) {
    if (seen.has(name)) found(i);
    seen.add(name);
  }
}

function hasPath(config: Named, path: string): boolean {
  return config.sources.some(({ paths }) => paths.includes(path));
}
