import type { TzspConfig } from '../config/tzsp.ts';
import type { TzspSettings } from '../packet/tzsp/settings.ts';

/** What the config says, in the words of the packet room. */
export function tzspSettings(config: TzspConfig): TzspSettings {
  return {
    listen: config.listen,
    routers: config.routers,
    receiveBufferBytes: config.receive_buffer_bytes,
    dropDuplicatesMs: config.drop_duplicates_ms,
    kernelPath: config.kernel_path,
    outputs: config.outputs.map((it) => {
      const routers = it.routers === undefined ? {} : { routers: it.routers };
      if (it.type === 'inject') return { type: it.type, interface: it.interface, ...routers };
      if (it.type === 'stream') return { type: it.type, path: it.path, format: it.format, ...routers };
      return {
        type: it.type,
        file: it.file,
        rotateSecs: it.rotate_secs,
        rotateBytes: it.rotate_bytes,
        keepFiles: it.keep_files,
        compress: it.compress,
        minFreeBytes: it.min_free_bytes,
        ...routers,
      };
    }),
  };
}
