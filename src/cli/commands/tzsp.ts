import { VardeError } from '../../base/errors.ts';
import { visibleText } from '../../base/text-safe.ts';
import { systemdNotifier } from '../../host/sd-notify.ts';
import { ReceiverThread } from '../../packet/inject/thread.ts';
import type { TzspReport } from '../../packet/tzsp/report.ts';
import type { TzspSettings } from '../../packet/tzsp/settings.ts';
import { Output } from '../output.ts';
import { hasFlags, overConfig, settingsOfFlags, type TzspFlags } from '../tzsp-settings.ts';
import { liveLine, summary } from '../format/tzsp.ts';

export interface TzspOptions extends TzspFlags {
  json?: boolean;
  duration?: number;
}

/** `varde tzsp`: receives in the foreground until a signal, the time or the end of its reader ends it. */
export async function tzsp(options: TzspOptions): Promise<number> {
  const settings = await settingsFor(options);
  const toStandardOutput = settings.outputs.some((it) => it.type === 'stream' && it.path === '-');
  if (toStandardOutput && options.json === true)
    throw new VardeError('usage', '--json and --write - both want standard output: write into a FIFO');
  if (toStandardOutput && process.stdout.isTTY)
    throw new VardeError('usage', 'frames are not for a terminal: pipe them into a program, or give --write a FIFO');
  const out = new Output(process.stdout);
  const say = (text: string): void => void process.stderr.write(`varde: ${visibleText(text)}\n`);
  let before: TzspReport | null = null;
  let end: (error: VardeError | null) => void = () => undefined;
  const ended = new Promise<VardeError | null>((resolve) => (end = resolve));
  const show = (report: TzspReport): void => {
    if (options.json === true) void out.write(`${JSON.stringify(report)}\n`).catch(() => end(null));
    else if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${visibleText(liveLine(report, before))}`);
    before = report;
    const reader = report.outputs.find((it) => it.name === 'stream -');
    if (reader !== undefined && reader.state === 'waiting' && report.outputs.length === 1) end(null);
  };
  const thread = await ReceiverThread.start(settings, { report: show, ended: end, trouble: say });
  const signals = (['SIGINT', 'SIGTERM'] as const).map((name) => {
    const handler = (): void => end(null);
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const timer = options.duration === undefined ? undefined : setTimeout(() => end(null), options.duration * 1000);
  const systemd = await systemdNotifier(process.env);
  say(`listens on ${settings.listen.join(', ')}${destinations(settings)}; Ctrl-C ends it`);
  systemd?.send('READY=1');
  const error = await ended;
  systemd?.send('STOPPING=1');
  clearTimeout(timer);
  await thread.stop();
  for (const off of signals) off();
  systemd?.close();
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (options.json !== true && thread.report !== null) for (const line of summary(thread.report)) say(line);
  if (error !== null) throw error;
  return 0;
}

/** Flags say where to listen and to write, or the config does. */
async function settingsFor(options: TzspOptions): Promise<TzspSettings> {
  if (hasFlags(options)) return settingsOfFlags(options);
  // The schema library takes ten megabytes, which a receiver told by flags need not.
  const { resolveSettings } = await import('../settings.ts');
  const { tzspSettings } = await import('../../pipeline/tzsp-settings.ts');
  const { config, configPath } = resolveSettings(options.config === undefined ? {} : { config: options.config });
  if (config.tzsp !== undefined) return overConfig(tzspSettings(config.tzsp), options);
  const where = configPath === null ? 'There is no config file' : `${configPath} has no section "tzsp"`;
  throw new VardeError(
    'usage',
    `${where}: say what to do with the frames, such as --inject dummy0 (see varde tzsp --help)`,
  );
}

function destinations(settings: TzspSettings): string {
  if (settings.outputs.length === 0) return ', counts only';
  const names = settings.outputs.map((it) =>
    it.type === 'inject' ? it.interface : it.type === 'stream' ? it.path : it.file,
  );
  return `, writes to ${names.join(', ')}`;
}
