import { HOME_NET } from '../../config/probes.ts';
import { join } from 'node:path';
import { VardeError, messageOf } from '../../base/errors.ts';
import { visibleText } from '../../base/text-safe.ts';
import type { Config, ProbePath } from '../../config/schema.ts';
import { systemdNotifier } from '../../host/sd-notify.ts';
import { loadKey } from '../../probe/key.ts';
import { probeRules } from '../../probe/rules.ts';
import { ProbeSender } from '../../probe/sender.ts';
import type { SentProbe } from '../../probe/sent-probe.ts';
import { Output } from '../output.ts';
import { choosePaths, type PathOptions } from '../probe-paths.ts';
import { resolveSettings, type CommonOptions } from '../settings.ts';
import { stationAnswers } from '../station-client.ts';
import { StationReporter } from '../station-reporter.ts';

export interface ProbeOptions extends CommonOptions, PathOptions {
  once?: boolean;
  json?: boolean;
  force?: boolean;
  key?: string;
  state?: string;
}

export interface RulesOptions extends CommonOptions, PathOptions {
  sidBase?: number;
  homeNet?: string;
}

/** `varde probe`: sends heartbeats, once or as a service until a signal ends it. Opens no store. */
export async function probe(options: ProbeOptions): Promise<number> {
  const { config } = resolveSettings(options);
  const paths = await ownPaths(config, options);
  const key = loadKey(options.key ?? config.probes.key_file ?? join(config.data, 'probe.key'), { create: true });
  const out = new Output(process.stdout);
  const say = (text: string): void => void process.stderr.write(`varde: ${visibleText(text)}\n`);
  const reporter = new StationReporter(config.data, say);
  const print = (sent: SentProbe): Promise<void> => out.write(line(sent, options.json === true)).catch(() => undefined);
  const senders = bySender(config, paths, options).map(
    ([state, some]) =>
      new ProbeSender({
        paths: some,
        key,
        state,
        force: options.force,
        report(sent) {
          reporter.add(sent);
          // Once prints what became of each; a service prints on the way only what people look at: answers and errors.
          if (options.once !== true && (sent.error !== null || sent.answered_ms !== null)) void print(sent);
        },
        warn: (error) => say(messageOf(error)),
      }),
  );
  try {
    if (options.once === true) return await sendAllOnce(senders, paths, print);
    for (const sender of senders) sender.start();
    await untilSignal();
    return 0;
  } finally {
    for (const sender of senders) await sender.stop();
    await reporter.close();
  }
}

/**
 * Which paths this process sends. Where a station runs, which sends its own: those that are left to others (`send: elsewhere`). Where none
 * runs: the same as a service, or all where nothing is left to others or each is sent once. What is named by a flag is sent in any case.
 */
async function ownPaths(config: Config, options: ProbeOptions): Promise<ProbePath[]> {
  const chosen = choosePaths(config, options);
  if (options.target !== undefined || options.path !== undefined) return chosen;
  const elsewhere = chosen.filter(({ send }) => send === 'elsewhere');
  const runs = await stationAnswers(config.data).catch((error: unknown) => {
    // What is left to others is right to send, whoever may ask the station.
    if (error instanceof VardeError && error.code === 'station_refused' && elsewhere.length > 0) return true;
    throw error;
  });
  if (!runs) return options.once === true || elsewhere.length === 0 ? chosen : elsewhere;
  if (elsewhere.length > 0) return elsewhere;
  throw new VardeError('usage', 'the station sends these paths itself; give those for others "send: elsewhere"');
}

/** A state of sequence numbers for what a station would send, another for the rest: both senders may run on one machine. */
function bySender(config: Config, paths: readonly ProbePath[], options: ProbeOptions): [string, ProbePath[]][] {
  if (options.state !== undefined) return [[options.state, [...paths]]];
  const files = { station: 'probe-seq.json', elsewhere: 'probe-elsewhere-seq.json' };
  return (['station', 'elsewhere'] as const).flatMap((send) => {
    const some = paths.filter((path) => path.send === send);
    return some.length === 0 ? [] : [[join(config.data, files[send]), some] as [string, ProbePath[]]];
  });
}

/** Every kind of every path once, at the same time. 1 where one of them could not be sent. */
async function sendAllOnce(
  senders: readonly ProbeSender[],
  paths: readonly ProbePath[],
  print: (sent: SentProbe) => Promise<void>,
): Promise<number> {
  const of = (path: ProbePath): ProbeSender => {
    const sender = senders.find((it) => it.has(path.name));
    if (sender === undefined) throw new Error(`no sender has the path ${path.name}`);
    return sender;
  };
  const work = paths.flatMap((path) =>
    path.kinds.map(async (kind) => {
      const sent = await of(path).sendOnce(path.name, kind);
      await print(sent);
      return sent.error === null;
    }),
  );
  await Promise.allSettled(work);
  const sent = await Promise.all(work);
  return sent.every(Boolean) ? 0 : 1;
}

function line(sent: SentProbe, json: boolean): string {
  if (json) return `${JSON.stringify(sent)}\n`;
  const { path, kind, seq, destination_ip, destination_port, error, answered_ms } = sent;
  const port = destination_port === null ? '' : ` port ${destination_port}`;
  const became =
    error !== null
      ? `not sent: ${WORDS[error] ?? error}`
      : answered_ms === null
        ? 'sent, no answer'
        : `answered in ${answered_ms.toFixed(1)} ms`;
  return `${path} ${kind} to ${destination_ip}${port}, number ${seq}: ${became}\n`;
}

/** The usual reasons in words; others are shown as their code. */
const WORDS: Readonly<Record<string, string>> = {
  arp_unanswered: 'nobody on the wire has this address (arp_unanswered)',
  ENETUNREACH: 'there is no route (ENETUNREACH)',
  EHOSTUNREACH: 'there is no route (EHOSTUNREACH)',
  EPERM: 'not permitted (EPERM): a firewall rule, or ICMP without CAP_NET_RAW',
  EACCES: 'not permitted (EACCES)',
  ECONNREFUSED: 'nothing listens on the port, so the request could not be sent (ECONNREFUSED)',
  ETIMEDOUT: 'no connection within the time, so the request could not be sent (ETIMEDOUT)',
  ENODEV: 'there is no such interface (ENODEV)',
  ENETDOWN: 'the interface is down (ENETDOWN)',
  ENOTFOUND: 'the name does not resolve (ENOTFOUND)',
  EAI_AGAIN: 'no name server answers (EAI_AGAIN)',
};

/** Resolves at SIGTERM or SIGINT; tells systemd that the service runs. */
async function untilSignal(): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  const systemd = await systemdNotifier(process.env);
  systemd?.send('READY=1');
  await ended;
  systemd?.send('STOPPING=1');
  systemd?.close();
}

/** `varde probe rules`: the Suricata rules of the configured probes, on standard output. */
export async function rules(options: RulesOptions): Promise<number> {
  const { config } = resolveSettings(options);
  const { sid_base, home_net } = config.probes;
  if (options.homeNet !== undefined && !HOME_NET.test(options.homeNet))
    throw new VardeError('usage', '--home-net must be an address group of a rule, such as any or $HOME_NET');
  // All that is configured: a number can depend on the other names.
  const paths = choosePaths(config, {
    ...options,
    path: undefined,
    kind: options.target === undefined ? undefined : options.kind,
  });
  await new Output(process.stdout).write(probeRules(paths, options.sidBase ?? sid_base, options.homeNet ?? home_net));
  return 0;
}
