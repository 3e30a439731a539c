import { type Command, Option } from 'commander';
import { type Common, several } from './command-parts.ts';

/** Adds `varde tzsp setup` below `varde tzsp`. */
export function addTzspSetup(tzsp: Command, { done, config, data, number }: Common): Command {
  return tzsp
    .command('setup')
    .description('show the files of a sensor that receives TZSP and the commands for its router; --write installs')
    .addOption(config())
    .addOption(data())
    .addOption(
      new Option('--interface <name>', 'interface to make; repeatable (default: the config, else dummy0)').argParser(
        several,
      ),
    )
    .addOption(new Option('--mtu <bytes>', 'its MTU, 1600 to 16000 (default: 9000)').argParser(number(1)))
    .addOption(new Option('--address <ip>', 'address of this machine that the router sends to (default: its first)'))
    .addOption(new Option('--router <address>', 'believe only this router or network; repeatable').argParser(several))
    .addOption(new Option('--kernel-path', 'also permit the eBPF path (CAP_BPF)'))
    .addOption(
      new Option('--force', 'make an interface of any free name; leave one alone that is there for something else'),
    )
    .addOption(new Option('--write', 'write the files; without it they are only shown'))
    .addOption(new Option('--root <dir>', 'below this folder, for an image').default('/'))
    .action(async (_, command: Command) =>
      // A flag before the word "setup" belongs to the command above.
      done(await (await import('./commands/tzsp-setup.ts')).tzspSetup({ ...pick(tzsp.opts()), ...command.opts() })),
    );
}

/** Of the flags above, those that mean the same here. */
function pick({ config, data }: Record<string, string | undefined>): { config?: string; data?: string } {
  return { ...(config === undefined ? {} : { config }), ...(data === undefined ? {} : { data }) };
}
