import type { Side } from './deps.ts';

/**
 * Who may ask over TCP. The port is open to every web page that a browser on this machine shows, so:
 *
 * - `Host` must be loopback. A hostile name that was re-bound to 127.0.0.1 (DNS rebinding) carries its own name there. The port does not matter:
 *   an SSH tunnel may have another one at its near end.
 * - What is not a plain GET must come from our own page: `Origin` is the address that was asked, port included, so no other page can post to us.
 * - The API answers no cross-site GET either: reading is barred by the browser anyway, but costly questions would still be asked.
 *
 * The Unix socket needs none of this: only the station's own user can open it.
 */
export interface Refusal {
  reason: 'host' | 'origin' | 'cross_site';
  message: string;
}

export interface Asked {
  method: string;
  path: string;
  headers: { get(name: string): string | null };
}

const HOST = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i;

export function refusal(asked: Asked, side: Side): Refusal | null {
  if (side.kind === 'socket') return null;
  const host = asked.headers.get('host') ?? '';
  if (!HOST.test(host)) {
    return {
      reason: 'host',
      message: 'The page answers only under localhost, 127.0.0.1 or [::1], not under another name.',
    };
  }
  const reading = asked.method === 'GET' || asked.method === 'HEAD';
  const origin = asked.headers.get('origin');
  if (!reading && origin !== null && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return { reason: 'origin', message: 'The request comes from another web page.' };
  }
  const site = asked.headers.get('sec-fetch-site');
  const ours = site === null || site === 'same-origin' || site === 'none';
  if (!ours && (!reading || isMachine(asked.path))) {
    return { reason: 'cross_site', message: 'The request comes from another web page.' };
  }
  return null;
}

/** Addresses for programs; a link from elsewhere may open the page itself, but not these. */
const isMachine = (path: string): boolean => path.startsWith('/api/') || path === '/metrics' || path === '/healthz';
