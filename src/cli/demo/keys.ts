const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

/**
 * Calls back for single keys while standard input is a terminal; returns the way to let go of it. Without a terminal nothing is read.
 *
 * A terminal in raw mode sends no SIGINT: `interrupt` is called for Ctrl-C and Ctrl-D instead.
 */
export function onKey(keys: Readonly<Record<string, () => void>>, interrupt: () => void): () => void {
  const { stdin } = process;
  if (!stdin.isTTY) return () => undefined;
  const pressed = (data: Buffer): void => {
    for (const key of data.toString('latin1')) {
      if (key === CTRL_C || key === CTRL_D) interrupt();
      else if (Object.hasOwn(keys, key)) keys[key]!();
    }
  };
  stdin.setRawMode(true);
  stdin.on('data', pressed);
  return () => {
    stdin.off('data', pressed);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
