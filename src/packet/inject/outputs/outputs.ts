import type { TzspSettings } from '../../tzsp/settings.ts';
import type { Route } from '../intake.ts';
import type { System } from '../system.ts';
import { type FileEvents, FileOutput } from './file.ts';
import { InjectOutput } from './inject.ts';
import { ReaderWatch } from './reader-watch.ts';
import { StreamOutput } from './stream.ts';

/** Makes the outputs that the settings name. @param base address of the received bytes @param events told of files */
export function makeRoutes(system: System, settings: TzspSettings, base: number, events: FileEvents): Route[] {
  return settings.outputs.map((it, index) => ({
    routers: it.routers,
    output:
      it.type === 'inject'
        ? new InjectOutput(system, it.interface, base)
        : it.type === 'stream'
          ? new StreamOutput(system, it, it.path === '-' ? null : new ReaderWatch(system, it.path))
          : new FileOutput(it, index, events),
  }));
}
