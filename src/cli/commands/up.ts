import { join } from 'node:path';
import { VardeError, messageOf } from '../../base/errors.ts';
import { MemoryKeeper } from '../../base/memory/keeper.ts';
import { PACKAGE_ROOT } from '../../base/package-root.ts';
import type { Config } from '../../config/schema.ts';
import { Station } from '../../pipeline/station.ts';
import { movedPaths } from '../../probe/rules.ts';
import { createTelemetry } from '../../telemetry/telemetry.ts';
import { discover } from '../discover.ts';
import { resolveSettings, type CommonOptions, type Settings } from '../settings.ts';

export interface UpOptions extends CommonOptions {
  port?: number;
  check?: boolean;
}

/** `varde up`: the station in the foreground until a signal ends it. */
export async function up(options: UpOptions): Promise<number> {
  // Before anything is read: a config of hundreds of sensors is much to read.
  const memory = await MemoryKeeper.begin();
  const settings = settingsOf(options);
  for (const line of plan(settings)) process.stdout.write(`${line}\n`);
  if (options.check === true) return 0;
  const telemetry = createTelemetry({
    stream: process.stderr,
    level: settings.config.log.level,
    tty: process.stderr.isTTY,
  });
  const station = new Station({ ...settings, telemetry, memory, webRoot: join(PACKAGE_ROOT, 'dist', 'web') });
  const ended = untilSignal(station, () => {
    if (settings.configPath === null) throw new VardeError('usage', 'there is no config file to read again');
    return settingsOf({ ...options, config: settings.configPath }).config;
  });
  await station.start();
  process.stdout.write(
    station.address === null ? 'Ready (no page: web.enabled is false).\n' : `Ready. Page: ${station.address}\n`,
  );
  return ended;
}

/** The config with what the command line overrules. */
function settingsOf(options: UpOptions): Settings {
  const settings = resolveSettings(options);
  if (options.port !== undefined) settings.config.web.port = options.port;
  return settings;
}

/** What will be done, in plain sentences; fills in the usual places where nothing is configured. */
function plan(settings: Settings): string[] {
  const { config, configPath } = settings;
  if (configPath !== null) {
    const sources = config.sources.map((source) => `Follows ${source.paths.join(', ')} as ${source.parser}.`);
    const probes = config.probes.paths.map(
      ({ name, kinds, target, interval_secs, send }) =>
        `Heartbeat ${name}: ${kinds.join(', ')} to ${target} every ${interval_secs} s, sent by ${send === 'station' ? 'this station' : 'varde probe elsewhere'}.`,
    );
    const moved = movedPaths(config.probes.paths).map(
      (name) =>
        `Heartbeat ${name}: another path has the rule numbers of its name, so its own change when paths come or go; write the rules anew then (varde probe rules), or rename it.`,
    );
    return [`Config: ${configPath}. Data: ${config.data}.`, ...sources, ...probes, ...moved];
  }
  const found = discover();
  config.sources = found.sources;
  return [`No config file; looking at the usual places. Data: ${config.data}.`, ...found.lines];
}

/** Resolves to the exit code when SIGTERM or SIGINT has ended the station; SIGHUP reads the config again. */
function untilSignal(station: Station, read: () => Config): Promise<number> {
  return new Promise((resolve) => {
    const end = (signal: NodeJS.Signals): void => {
      station.stop(signal).then(
        () => resolve(0),
        (error: unknown) => {
          process.stderr.write(`varde: ${messageOf(error)}\n`);
          resolve(1);
        },
      );
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    process.on('SIGHUP', () => void reload(station, read));
  });
}

async function reload(station: Station, read: () => Config): Promise<void> {
  try {
    await station.reload(read());
  } catch (error) {
    station.refuseConfig(error);
  }
}
