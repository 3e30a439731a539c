import { type Command, Option } from 'commander';
import type { Common } from './command-parts.ts';
import { VardeError } from '../base/errors.ts';
import { parseKinds } from './probe-paths.ts';

/** Adds `varde probe` and `varde probe rules`; gives both, for the settings that all commands share. */
export function addProbeCommand(program: Command, common: Common): Command[] {
  const { done, number } = common;
  const probe = program
    .command('probe')
    .description('send heartbeats through the network: once, or as a service; needs no station and no store')
    .addOption(common.config())
    .addOption(common.data())
    .addOption(new Option('--once', 'send each kind once, say what became of it, and end'))
    .addOption(new Option('--json', 'one JSON object a line: each probe as the station takes it'))
    .addOption(new Option('--path <name...>', 'only these paths of the config'))
    .addOption(
      new Option('--key <file>', 'key that signs the probes (default: the config, else probe.key in the data folder)'),
    )
    .addOption(new Option('--state <file>', 'where sequence numbers are kept (default: in the data folder)'))
    .addOption(new Option('--force', 'send more probes than a heartbeat needs'))
    .action(async (options) => done(await (await import('./commands/probe.ts')).probe(options)));
  const rules = probe
    .command('rules')
    .description('write the Suricata rules that see these probes (Suricata 7 and 8)')
    .addOption(common.config())
    .addOption(common.data())
    .addOption(new Option('--sid-base <n>', 'first rule number (default: the config, 5100001)').argParser(number(1)))
    .addOption(new Option('--home-net <group>', 'destination in the rules, such as any or $HOME_NET'))
    .action(async (_, command: Command) =>
      // A flag before the word "rules" belongs to the command above.
      done(await (await import('./commands/probe.ts')).rules({ ...probe.opts(), ...command.opts() })),
    );
  for (const command of [probe, rules]) addPathFlags(command, number);
  return [probe, rules];
}

/** A path made of flags. */
function addPathFlags(command: Command, number: Common['number']): void {
  command
    .addOption(new Option('--target <address>', 'address or name to send to, instead of the configured paths'))
    .addOption(new Option('--name <name>', 'name of the path of these flags (default: probe)'))
    .addOption(new Option('--kind <list>', 'icmp, udp, dns, http, tls, separated by commas').argParser(parseKinds))
    .addOption(new Option('--interval <secs>', 'seconds between two probes of a kind').argParser(seconds))
    .addOption(new Option('--jitter <percent>', 'change each pause by chance by up to this').argParser(number(0)))
    .addOption(new Option('--interface <name>', 'leave by this interface'))
    .addOption(new Option('--vlan <id>', 'leave by this VLAN of the interface').argParser(number(1, 4094)));
  for (const kind of ['udp', 'dns', 'http', 'tls'])
    command.addOption(
      new Option(`--${kind}-port <n>`, `port of ${kind.toUpperCase()} probes`).argParser(number(1, 65_535)),
    );
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new VardeError('usage', `"${text}" is not a whole number of seconds`);
  return value;
}
