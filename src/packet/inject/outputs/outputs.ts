import type { TzspSettings } from '../../tzsp/settings.ts';
import type { Route } from '../intake.ts';
import type { System } from '../system.ts';
import { FileOutput } from './file.ts';
import { InjectOutput } from './inject.ts';
import { StreamOutput } from './stream.ts';

/** Makes the outputs that the settings name. @param base address of the received bytes @param rotated told each finished file */
export function makeRoutes(
  system: System,
  settings: TzspSettings,
  base: number,
  rotated: (path: string, output: number) => void,
): Route[] {
  return settings.outputs.map((it, index) => ({
    routers: it.routers,
    output:
      it.type === 'inject'
        ? new InjectOutput(system, it.interface, base)
        : it.type === 'stream'
          ? new StreamOutput(system, it)
          : new FileOutput(it, (path) => rotated(path, index)),
  }));
}
