import { readFileSync, statSync } from 'node:fs';
import type { Options } from './options.ts';
import { perfText, type Result } from './result.ts';

/** An answer of Icinga is a line; one of something else may be anything. */
const LONGEST_ANSWER = 64 * 1024;

/**
 * Hands a result to Icinga 2 passively: `POST /v1/actions/process-check-result` (Icinga 2 API, "process-check-result"). It speaks TLS only.
 * How long a result stays fresh is the service's `check_interval`: without a newer one Icinga then runs its own check_command, `passive`.
 *
 * @returns null when Icinga took it, else why not
 */
export async function sendPassive(options: Options, result: Result, text: string): Promise<string | null> {
  try {
    const url = new URL('/v1/actions/process-check-result', options.icinga!);
    if (url.protocol !== 'https:') return `${options.icinga!} is no https address: Icinga's API speaks TLS only`;
    const ca = options.icingaCa === null ? undefined : readFileSync(options.icingaCa);
    const bar = text.indexOf(' | ');
    const body = JSON.stringify({
      type: 'Service',
      service: options.icingaService,
      exit_status: result.state,
      plugin_output: bar === -1 ? text.trimEnd() : text.slice(0, bar) + text.slice(text.indexOf('\n')).trimEnd(),
      performance_data: result.perf.map(perfText),
      check_command: ['varde', 'check', options.name],
    });
    const trust = { ca, servername: options.icingaName ?? undefined };
    const answer = await post(url, credentials(options.icingaAuth!), trust, body, options.timeoutSecs * 1000);
    return answer.status === 200 ? null : `${answer.status} ${answer.text}`.slice(0, 300);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** `user:password` in the first line. On the command line every user of the machine could read it. @throws Error */
function credentials(file: string): string {
  if ((statSync(file).mode & 0o007) !== 0) throw new Error(`${file} may be read by everyone: chmod o-rwx`);
  const line = readFileSync(file, 'utf8').split('\n', 1)[0]!.trim();
  if (!line.includes(':')) throw new Error(`${file} does not hold user:password`);
  return `Basic ${Buffer.from(line).toString('base64')}`;
}

async function post(
  url: URL,
  authorization: string,
  /** The CA; and the name that the certificate must have, where it is not the address that is asked. */
  trust: { ca?: Buffer; servername?: string },
  body: string,
  limitMs: number,
): Promise<{ status: number; text: string }> {
  // Loaded only here: the active check does without.
  const { request } = await import('node:https');
  return new Promise((resolve, reject) => {
    const headers = {
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization,
    };
    const outgoing = request(url, { method: 'POST', headers, ...trust, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        if (text.length < LONGEST_ANSWER) text += part;
      });
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, text: status(text) });
      });
      response.on('error', reject);
    });
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${limitMs / 1000} s`)), limitMs);
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(body);
  });
}

/** The words in Icinga's answer: `{"results":[{"status":…}]}` or `{"error":404,"status":…}`. */
function status(text: string): string {
  const found = /"status"\s*:\s*"((?:[^"\\]|\\.){0,300})"/.exec(text)?.[1];
  return found ?? text.replaceAll(/\s+/g, ' ').slice(0, 200);
}
