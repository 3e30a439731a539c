import { writeSync } from 'node:fs';
import { HELP } from './help.ts';
import { parseOptions, type Options } from './options.ts';
import { OK, render, UNKNOWN, type Result, type State } from './result.ts';
import { runCheck } from './run.ts';

/** With these the whole command may last a little longer than the limit: the result must still be handed to Icinga. */
const DELIVERY_SHARE = 2;

/**
 * `varde check …`, from its words to its exit. Whatever happens, a status line is written and the process ends in time: Icinga kills a plugin
 * that does not, and shows no reason.
 */
export async function check(words: readonly string[]): Promise<State> {
  const parsed = parseOptions(words);
  if ('help' in parsed) return say(HELP, UNKNOWN);
  if ('version' in parsed) return say(`varde check ${(await import('../base/version.ts')).VERSION}\n`, UNKNOWN);
  if ('wrong' in parsed) return say(render('check', unknown(`${parsed.wrong}; see varde check --help`), 0), UNKNOWN);
  const { options } = parsed;
  const limitMs = options.timeoutSecs * 1000;
  const late = setTimeout(
    () => {
      // Not by an exit code that is set: a hanging read would keep the process alive.
      process.exit(
        say(render(options.name, unknown(`time limit of ${options.timeoutSecs} s reached`), options.verbose), UNKNOWN),
      );
    },
    options.icinga === null ? limitMs : limitMs * DELIVERY_SHARE,
  );
  const result = await Promise.race([runCheck(options), lateResult(options)]);
  const outcome = await deliver(options, result);
  clearTimeout(late);
  return outcome;
}

/** A passive result must tell Icinga of the time limit too, so it is a result and not the end. */
function lateResult(options: Options): Promise<Result> {
  if (options.icinga === null) return new Promise(() => undefined);
  return new Promise((resolve) => {
    setTimeout(
      () => resolve(unknown(`time limit of ${options.timeoutSecs} s reached`)),
      options.timeoutSecs * 1000,
    ).unref();
  });
}

async function deliver(options: Options, result: Result): Promise<State> {
  const text = render(options.name, result, options.verbose);
  if (options.icinga === null) return say(text, result.state);
  const { sendPassive } = await import('./icinga.ts');
  const failure = await sendPassive(options, result, text);
  say(text, result.state);
  if (failure === null) return OK;
  process.stderr.write(`varde check: the result was not handed to Icinga: ${failure}\n`);
  return UNKNOWN;
}

/** A reader that takes nothing for this long (in all) gets no more: the process must end in its time. */
const PATIENCE_MS = 500;
const PAUSE_MS = 5;

const unknown = (text: string): Result => ({ state: UNKNOWN, text, perf: [], long: [] });

/** Written synchronously: the process may end right after. */
function say(text: string, state: State): State {
  const bytes = Buffer.from(text);
  let waited = 0;
  for (let at = 0; at < bytes.length && waited < PATIENCE_MS;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      // A full pipe: its reader is slow. One that is closed reads no more.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') break;
      waited += PAUSE_MS;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
  return state;
}
