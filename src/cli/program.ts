import { Command, CommanderError, Option } from 'commander';
import { VardeError, messageOf } from '../base/errors.ts';
import { visibleLines, visibleText } from '../base/text-safe.ts';
import { VERSION } from '../base/version.ts';
import { addProbeCommand } from './probe-command.ts';
import { addTzspCommand } from './tzsp-command.ts';

/**
 * Runs the command line and resolves to its exit code: 0 done, 1 failed, 2 wrong usage.
 *
 * Actions are imported when they are called, so that `varde --help` starts fast.
 */
export async function run(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = build((result) => (code = result));
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof VardeError) {
    process.stderr.write(`varde: ${visibleLines(error.message)} [${error.code}]\n${marked(error)}  ${error.remedy}\n`);
    return error.exitCode;
  }
  process.stderr.write(`varde: ${messageOf(error)} [internal]\n`);
  if (error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
  return 1;
}

/** The expression with a mark under the place that is wrong. */
function marked(error: VardeError): string {
  const { expression, position, length } = error.details;
  if (typeof expression !== 'string' || typeof position !== 'number') return '';
  const from = Math.max(0, position - 60);
  const shown = visibleText(expression.slice(from, position + 40));
  const lead = visibleText(expression.slice(from, position)).length;
  return `    ${shown}\n    ${' '.repeat(lead)}${'^'.repeat(Math.max(1, Math.min(40, Number(length ?? 1))))}\n`;
}

const dataOption = () => new Option('--data <dir>', 'data folder (default: the config file, else /var/lib/varde)');
const configOption = () =>
  new Option('-c, --config <file>', 'config file (default: /etc/varde/varde.yaml where it exists)');
const jsonOption = (what: string) => new Option('--json', what);
const number =
  (least: number, most = Infinity) =>
  (text: string) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least || value > most) {
      const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
      throw new VardeError('usage', `"${text}" is not a whole number ${range}`);
    }
    return value;
  };
const port = number(0, 65_535);

function build(done: (code: number) => void): Command {
  const program = new Command('varde')
    .description('Follows Suricata from file to page, exactly once, and accounts for every line.')
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(run with --help for the options)')
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride();

  program
    .command('demo')
    .description('play a recorded sensor day through the whole chain; needs neither root nor Suricata')
    .addOption(new Option('--once', 'end when all is stored, and print the accounting'))
    .addOption(jsonOption('print one JSON object: where the page is, or the accounting with --once'))
    .addOption(new Option('--port <n>', 'port of the page; 0 takes any free one').argParser(port).default(8765))
    .action(async (options) => done(await (await import('./commands/demo.ts')).demo(options)));

  program
    .command('up')
    .description('run the station in the foreground: follow the logs, keep the events, serve the page')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(new Option('--port <n>', 'port of the page; 0 takes any free one').argParser(port))
    .addOption(new Option('--check', 'check the config, say what would be done, and end'))
    .action(async (options) => done(await (await import('./commands/up.ts')).up(options)));

  program
    .command('import')
    .description('read old logs into the store: plain, .gz, .zst, or standard input (-)')
    .argument('<file...>', 'files to read; - is standard input')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(new Option('--parser <id>', 'log format of the files').default('suricata-eve'))
    .addOption(jsonOption('print the accounting as one JSON object on the last line'))
    .action(async (files, options) => done(await (await import('./commands/import.ts')).importFiles(files, options)));

  program
    .command('query')
    .description('search the stored events')
    .argument('[expression]', "search expression, such as 'event_type:alert AND src_ip:10.0.0.0/8'; * is everything")
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(new Option('--since <time>', 'from this time on: 24h, 7d, or ISO 8601'))
    .addOption(new Option('--until <time>', 'before this time'))
    .addOption(new Option('--limit <n>', 'at most this many events; 0 is no limit').argParser(number(0)).default(100))
    .addOption(new Option('--columns <list>', 'fields to show, separated by commas'))
    .addOption(new Option('--oldest-first', 'oldest events first (default: newest first)'))
    .addOption(
      new Option('--table', 'a table for people (default on a terminal)').conflicts(['json', 'csv', 'raw', 'count']),
    )
    .addOption(
      new Option('--json', 'one JSON object a line: the whole document, or the chosen columns').conflicts([
        'csv',
        'raw',
        'count',
      ]),
    )
    .addOption(new Option('--csv', 'comma-separated values').conflicts(['raw', 'count']))
    .addOption(
      new Option('--raw', 'the stored (or, with --quarantine, refused) lines, byte for byte').conflicts(['count']),
    )
    .addOption(new Option('--count', 'only the number of events'))
    .addOption(new Option('--sql <statement>', 'one SELECT over the view "events" instead of an expression'))
    .addOption(new Option('--quarantine', 'the lines that could not be stored, with their reasons'))
    .action(async (expression, options) =>
      done(await (await import('./commands/query.ts')).query(expression, options)),
    );

  program
    .command('doctor')
    .description('say what is configured, found, read, stored and quarantined, and what is wrong and how to mend it')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption('print one JSON object'))
    .action(async (options) => done(await (await import('./commands/doctor.ts')).doctor(options)));

  // Listed here for the help; bin/varde jumps to dist/check.js before any of this is loaded.
  program
    .command('check')
    .description('monitoring plugins for Icinga and Nagios: heartbeat, source, store, capture, tzsp, quarantine, all')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[word...]', 'see varde check --help')
    .action(async () => done(await (await import('../check/check.ts')).check(process.argv.slice(3))));

  const notify = program.command('notify').description('being told: webhook, mail, ntfy');
  notify
    .command('test')
    .description('send a test message through each channel of the config, or the named ones')
    .argument('[channel...]', 'names of channels')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption('print one JSON object'))
    .action(async (channels, options) =>
      done(await (await import('./commands/notify.ts')).notifyTest(channels, options)),
    );
  notify
    .command('log')
    .description('what was sent, what failed and what still waits')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(new Option('--limit <n>', 'at most this many').argParser(number(0)).default(50))
    .addOption(jsonOption('one JSON object a line'))
    .action(async (options) => done(await (await import('./commands/notify.ts')).notifyLog(options)));

  const quarantine = program.command('quarantine').description('the lines that could not be stored');
  quarantine
    .command('list')
    .description('show them (same as: varde query --quarantine)')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(new Option('--limit <n>', 'at most this many').argParser(number(0)).default(100))
    .addOption(jsonOption('one JSON object a line'))
    .action(async (options) =>
      done(await (await import('./commands/query.ts')).query(undefined, { ...options, quarantine: true })),
    );
  quarantine
    .command('retry')
    .description('parse them again, after an update')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption('print one JSON object'))
    .action(async (options) => done(await (await import('./commands/quarantine.ts')).retry(options)));

  const common = { done, config: configOption, data: dataOption, number };
  const probes = addProbeCommand(program, common);
  const tzsp = addTzspCommand(program, common);

  for (const command of [...program.commands, ...quarantine.commands, ...notify.commands, ...probes, ...tzsp])
    command.exitOverride().showHelpAfterError();
  program.addHelpText(
    'after',
    `
Start here:
  varde demo                       see it work, without root and without Suricata
  varde up                         follow this machine's Suricata
  varde doctor                     is everything read, stored and well?

Exit codes: 0 done, 1 failed, 2 wrong usage. Documentation: docs/ in the package.`,
  );
  return program;
}
