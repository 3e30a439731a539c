import { parseIp } from '../event/ip.ts';

/** Addresses and links with colons in them are one word, not a field and its value. */
export function isOneWord(run: string): boolean {
  return (
    /^(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/.test(run) ||
    /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(run) ||
    (run.includes(':') && parseIp(run) !== null)
  );
}
