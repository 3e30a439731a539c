import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { socketPath } from '../base/socket-path.ts';

/** Where the station listens: a Unix socket, or its page on loopback. */
export type Address = { path: string } | { host: string; port: number };

const DEFAULT_CONFIG = '/etc/varde/varde.yaml';
const SYSTEM_DATA = '/var/lib/varde';

/**
 * The station's address from the options. The config is YAML, but a check cannot afford a YAML parser: only a plain top-level `data:` line is
 * read, and anything else there is an error that asks for `--data`.
 *
 * @throws Error in plain words
 */
export function stationAddress(options: {
  host: string | null;
  port: number;
  socket: string | null;
  data: string | null;
  config: string | null;
}): Address {
  if (options.host !== null) {
    const host = options.host.replace(/^\[(.*)\]$/, '$1');
    // The page listens nowhere else, and a name would need a look-up that no time limit covers.
    if (!/^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i.test(host))
      throw new Error(
        `-H ${options.host}: the page answers on loopback only; reach another machine through Icinga's agent or SSH`,
      );
    return { host: host.toLowerCase() === 'localhost' ? '127.0.0.1' : host, port: options.port };
  }
  if (options.socket !== null) return { path: options.socket };
  const data = options.data ?? configured(options.config);
  if (data !== null) return { path: socketPath(resolve(data)) };
  const own = ownState();
  const system = socketPath(SYSTEM_DATA);
  return { path: own !== null && !existsSync(system) && existsSync(socketPath(own)) ? socketPath(own) : system };
}

/** The user's own state folder (XDG base directory specification), where a station without root keeps its data. */
function ownState(): string | null {
  const { XDG_STATE_HOME: state, HOME: home } = process.env;
  if (state !== undefined && state.startsWith('/')) return `${state}/varde`;
  return home !== undefined && home.startsWith('/') ? `${home}/.local/state/varde` : null;
}

function configured(file: string | null): string | null {
  if (file === null && !existsSync(DEFAULT_CONFIG)) return null;
  const path = file ?? DEFAULT_CONFIG;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // The usual config may be unreadable for the plugin's user: then the usual folder counts.
    if (file === null) return null;
    throw new Error(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}): give --data`, {
      cause: error,
    });
  }
  return dataLine(text, path);
}

/** The value of a plain `data:` line at the top level; null where there is none. @throws Error where it is there in another form */
export function dataLine(text: string, path: string): string | null {
  const line = text.split(/\r?\n/).find((it) => /^(?:data|"data"|'data')\s*:/.test(it));
  if (line === undefined) return null;
  const value = line.slice(line.indexOf(':') + 1).trim();
  const plain =
    /^"([^"\\]+)"\s*(?:#.*)?$/.exec(value) ??
    /^'([^']+)'\s*(?:#.*)?$/.exec(value) ??
    /^(\/[^\s#]*)(?:\s+#.*)?$/.exec(value);
  if (plain === null || !plain[1]!.startsWith('/'))
    throw new Error(`the line "data:" of ${path} is not a plain absolute path: give --data`);
  return plain[1]!;
}
