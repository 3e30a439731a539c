import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest path that fits into struct sockaddr_un with its final NUL (unix(7)). */
const LONGEST = 107;

/** Where the station of a data folder listens for the command line; beside the data, or in the temporary folder where that path is too long. */
export function socketPath(dataFolder: string): string {
  const beside = join(dataFolder, 'varde.sock');
  if (Buffer.byteLength(beside) <= LONGEST) return beside;
  // Loaded only here: `varde check` starts faster without.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
  return join(tmpdir(), `varde-${process.getuid?.() ?? 0}-${hash}.sock`);
}
