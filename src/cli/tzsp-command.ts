import { type Command, Option } from 'commander';
import { type Common, several } from './command-parts.ts';
import { addTzspSetup } from './tzsp-setup-command.ts';

/** Adds `varde tzsp`, `varde tzsp send` and `varde tzsp setup`; gives all, for the settings that all commands share. */
export function addTzspCommand(program: Command, common: Common): Command[] {
  const { done, number } = common;
  const tzsp = program
    .command('tzsp')
    .description("receive a router's TZSP stream and put its frames into an interface, a file or a pipe")
    .addOption(common.config())
    .addOption(
      new Option('--listen <address:port>', 'where to listen; repeatable (default: 0.0.0.0:37008)').argParser(several),
    )
    .addOption(
      new Option(
        '--router <address>',
        'believe only this router or network; repeatable (default: private ones)',
      ).argParser(several),
    )
    .addOption(
      new Option(
        '--inject <interface[=routers]>',
        'put frames into this interface; repeatable, routers by commas',
      ).argParser(several),
    )
    .addOption(new Option('--pcap <file>', 'write a pcap file; %Y %m %d %H %M %S become the time'))
    .addOption(new Option('--pcapng <file>', 'write a pcapng file, with an interface for each router'))
    .addOption(new Option('--write <path>', 'write into a FIFO; - is standard output'))
    .addOption(new Option('--format <kind>', 'of --write (default: pcap)').choices(['pcap', 'pcapng']))
    .addOption(
      new Option('--rotate-secs <n>', 'begin a new file after this time; 0: never (default)').argParser(number(0)),
    )
    .addOption(
      new Option('--rotate-bytes <n>', 'begin a new file at this size; 0: never (default)').argParser(number(0)),
    )
    .addOption(
      new Option('--keep <n>', 'delete the oldest files beyond this many; 0: never (default)').argParser(number(0)),
    )
    .addOption(new Option('--gzip', 'compress files after rotation'))
    .addOption(
      new Option('--min-free <bytes>', 'stop writing while the disk has less room (default: 100000000)').argParser(
        number(0),
      ),
    )
    .addOption(
      new Option('--buffer <bytes>', 'receive buffer of each socket (default: 33554432)').argParser(number(65_536)),
    )
    .addOption(
      new Option('--drop-duplicates-ms <n>', 'drop a frame that comes again within this time (default: 0)').argParser(
        number(0),
      ),
    )
    .addOption(new Option('--no-kernel', 'do not use the eBPF path in the kernel'))
    .addOption(new Option('--duration <secs>', 'end after this time').argParser(number(1)))
    .addOption(new Option('--json', 'print one JSON object a second, the last at the end'))
    .addHelpText(
      'after',
      `
Examples:
  varde tzsp --inject dummy0                                        for Suricata on dummy0
  varde tzsp --router 192.168.88.1 --pcap '/tmp/%H%M%S.pcap' --rotate-secs 600
  varde tzsp --write - | tshark -r -
  varde tzsp setup                                                  how to make dummy0, and what to tell the router`,
    )
    .action(async (options) => done(await (await import('./commands/tzsp.ts')).tzsp(options)));
  const send = tzsp
    .command('send')
    .description('send the packets of a capture file as a TZSP stream, for tests')
    .argument('<file>', 'pcap or pcapng')
    .requiredOption('--to <host[:port]>', 'receiver')
    .addOption(new Option('--rate <n>', 'packets per second; 0: as fast as it goes').argParser(number(0)).default(1000))
    .addOption(new Option('--loops <n>', 'send the file this often').argParser(number(1)).default(1))
    .addOption(
      new Option('--tag <name...>', 'add tags: original-length, time-stamp, packet-id').choices([
        'original-length',
        'time-stamp',
        'packet-id',
      ]),
    )
    .addOption(new Option('--json', 'print one JSON object at the end'))
    .action(async (file, options) => done(await (await import('./commands/tzsp-send.ts')).tzspSend(file, options)));
  return [tzsp, send, addTzspSetup(tzsp, common)];
}
