import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import { messageOf, systemCode, VardeError } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';

/** Listens on a loopback address; port 0 takes any free one. Throws bind_refused, port_taken. */
export async function listenTcp(server: Server, host: string, port: number): Promise<{ url: string; port: number }> {
  if (!isLoopback(host)) throw refused(host);
  const address = host.replace(/^\[|\]$/g, '');
  try {
    await listening(server, () => server.listen({ host: address, port, exclusive: true }));
  } catch (error) {
    throw explained(error, host, port);
  }
  const bound = server.address() as AddressInfo;
  // `localhost` is what the hosts file makes of it.
  if (!isLoopback(bound.address)) {
    server.close();
    throw refused(`${host} (${bound.address})`);
  }
  const name = isIPv6(address) ? `[${address}]` : address;
  return { url: `http://${name}:${bound.port}/`, port: bound.port };
}

/** Listens on a Unix socket that only this user can open; a stale one of an earlier run is replaced. */
export async function listenUnix(server: Server, path: string): Promise<void> {
  removeStale(path);
  // The socket gets its mode when it is made, not an instant later.
  const before = process.umask(0o177);
  try {
    const done = listening(server, () => server.listen({ path }));
    process.umask(before);
    await done;
    chmodSync(path, 0o600);
  } catch (error) {
    throw new VardeError('data_folder', `The socket ${path} cannot be made: ${messageOf(error)}`, { cause: error });
  } finally {
    process.umask(before);
  }
}

/** The lock of the data folder proves that no other station lives behind the socket; anything but a socket stays untouched. */
function removeStale(path: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isSocket()) throw new VardeError('data_folder', `${path} is in the way: it is not a socket of Varde.`);
  unlinkSync(path);
}

function listening(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    start();
  });
}

function refused(host: string): VardeError {
  const message = `The page was to listen on ${host}, but it has no accounts yet and may only listen on loopback.`;
  return new VardeError('bind_refused', message, { details: { host } });
}

function explained(error: unknown, host: string, port: number): unknown {
  const details = { host, port };
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new VardeError(
        'port_taken',
        `Port ${port} on ${host} is taken by another program; to see by which: ss -ltnp 'sport = :${port}'.`,
        { cause: error, details },
      );
    case 'EACCES':
      return new VardeError(
        'port_taken',
        `This user may not listen on port ${port}; ports from 1024 are free to all.`,
        { cause: error, details },
      );
    case 'EADDRNOTAVAIL':
      return new VardeError('bind_refused', `This machine has no address ${host}.`, { cause: error, details });
    default:
      return error;
  }
}
