interface ErrorEntry {
  /** Exit code of a command that ends with it: 1 failed, 2 wrong usage. */
  exit: 1 | 2;
  /** HTTP status where the page asks. */
  http: number;
  /** What happened, one sentence. */
  title: string;
  /** What to do, one sentence. */
  remedy: string;
}

const entry = (exit: 1 | 2, http: number, title: string, remedy: string): ErrorEntry => ({ exit, http, title, remedy });

/** The registry of errors: one line each; `docs/reference/errors.md` is generated from it. Codes are stable. */
export const ERROR_CODES = {
  usage: entry(2, 400, 'The command was called in a wrong way.', 'Run the command with --help.'),
  config_unreadable: entry(2, 500, 'The config file cannot be read.', 'Check the path and its permissions.'),
  config_invalid: entry(
    2,
    500,
    'The config file has an error.',
    'Mend the named line; docs/reference/config.md lists every key.',
  ),
  bind_refused: entry(
    2,
    500,
    'The page may only listen on loopback.',
    'Use 127.0.0.1, ::1 or localhost; reach it from elsewhere through an SSH tunnel.',
  ),
  port_taken: entry(1, 500, 'The port is taken by another program.', 'Choose another web.port, or 0 for any free one.'),
  data_folder: entry(
    1,
    500,
    'The data folder cannot be used.',
    'Check that it exists, is a folder, and that this user may write to it.',
  ),
  data_locked: entry(
    1,
    409,
    'Another Varde owns the data folder.',
    'Stop the named process, or ask it through its socket.',
  ),
  store_unavailable: entry(
    1,
    503,
    'The embedded store cannot run here.',
    'It needs 64-bit Linux on x86 or ARM; install with npm ci.',
  ),
  store_full: entry(
    1,
    507,
    'The disk is full; reading waits.',
    'Free disk space or lower store.max_bytes; Varde goes on by itself.',
  ),
  store_failed: entry(1, 500, 'The store failed.', 'See the message; varde doctor names the cause.'),
  segment_corrupt: entry(
    1,
    500,
    'A segment of the store is damaged and was set aside.',
    'The rest is intact; see docs/store.md for what to do with the set-aside file.',
  ),
  query_syntax: entry(
    2,
    400,
    'The search expression has an error.',
    'Mend the expression at the marked place; docs/search.md has the language.',
  ),
  query_failed: entry(1, 500, 'The question could not be answered.', 'See the message.'),
  query_cancelled: entry(1, 499, 'The question was cancelled.', 'Ask again.'),
  sql_refused: entry(
    2,
    400,
    'Only reading SQL over the events view is allowed.',
    'Use one SELECT over the views in docs/reference/sql.md.',
  ),
  station_unreachable: entry(
    1,
    503,
    'No station answers on the socket.',
    'See the message; where no station runs, start it with varde up.',
  ),
  station_refused: entry(
    1,
    503,
    'This user may not ask the station.',
    "Run the command as the station's user, such as sudo -u varde; the page is open to all users of the machine.",
  ),
  not_found: entry(1, 404, 'There is no such thing.', 'Check the address.'),
  forbidden: entry(
    1,
    403,
    'The request came from where it must not come from.',
    'Open the page under the address that varde printed.',
  ),
  too_many_clients: entry(1, 503, 'Too many live streams are open.', 'Close some tabs of the page.'),
  bad_request: entry(2, 400, 'The request is malformed.', 'See the message.'),
  source_unreadable: entry(
    1,
    500,
    'A log file may not be read.',
    'Give this user read permission, for example by the group adm.',
  ),
  source_broken: entry(
    1,
    500,
    'A compressed log file is damaged.',
    'The lines before the damage are stored; replace the file to read the rest.',
  ),
  import_failed: entry(
    1,
    500,
    'A file could not be imported.',
    'See the message; what was read so far is kept and is not read again.',
  ),
  probe_key: entry(
    1,
    500,
    "The probes' key cannot be used.",
    'See the message; a sender elsewhere needs a copy of the key.',
  ),
  probe_target: entry(2, 400, 'The target cannot be probed.', 'Give the address or name of one machine.'),
  probe_rate: entry(2, 400, 'More probes than a heartbeat needs.', 'Lengthen the interval, or insist with --force.'),
  probe_locked: entry(1, 409, 'Another Varde sends these probes.', 'Stop it, or choose another --state and --name.'),
  probe_unavailable: entry(1, 503, 'Probes cannot be sent on this machine.', 'It needs Linux and the package koffi.'),
  tzsp_listen: entry(1, 503, 'TZSP streams cannot be received.', 'See the message: another program may hold the port.'),
  tzsp_output: entry(1, 500, 'Frames cannot be put where they should go.', 'See the message.'),
  tzsp_unavailable: entry(1, 503, 'TZSP cannot be received here.', 'It needs Linux and the package koffi.'),
  capture_damaged: entry(
    1,
    400,
    'A capture file cannot be read.',
    'See the message: it names the offset of the first damage.',
  ),
  interrupted: entry(1, 500, 'Stopped on request.', 'Start it again: it goes on where it stopped.'),
  internal: entry(1, 500, 'A defect of Varde.', 'Please report it with the message.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
