const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|\[::1\])$/i;

/** Whether an address (or `localhost`) is this machine's own, which nobody reaches from elsewhere. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
