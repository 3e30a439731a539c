import type { Session } from 'node:inspector';
import { runInNewContext } from 'node:vm';
import { setV8Flag } from './v8-flag.ts';

/** Nobody waits longer for a collection; the longest one seen took a tenth of it. */
const DEADLINE_MS = 2000;

/**
 * V8's "low memory" collection: everything that is garbage goes, what lives moves together, and the room for new objects shrinks to its least.
 * The function `gc` of --expose-gc keeps that room, and with it up to 32 MB (Node 24: 128 MB). Resolves when it is done; never throws.
 *
 * Source: Chrome DevTools Protocol, HeapProfiler.collectGarbage; Node's `inspector` (absent in a Node that was built without).
 */
export async function collectGarbage(): Promise<void> {
  try {
    const inspector = await import('node:inspector');
    const session = new inspector.Session();
    session.connect();
    try {
      await untilCollected(session);
    } finally {
      session.disconnect();
    }
  } catch {
    // V8 collects later, by itself.
  }
}

let plain: (() => void) | null | undefined;

/**
 * An ordinary collection, at once: for a heap that a large answer has stretched. Compiled code is kept; {@link collectGarbage} throws it away, and
 * making it again costs more than the memory is worth while there is work to do.
 */
export function collectPlainly(): void {
  if (plain === undefined) {
    setV8Flag('--expose-gc');
    try {
      plain = runInNewContext('gc') as () => void;
    } catch {
      plain = null; // The flag is frozen: V8 collects later, by itself.
    }
  }
  plain?.();
}

function untilCollected(session: Session): Promise<void> {
  return new Promise((resolve) => {
    // It also keeps the process alive: a collection that is asked for does not.
    const late = setTimeout(resolve, DEADLINE_MS);
    session.post('HeapProfiler.collectGarbage', () => {
      clearTimeout(late);
      // Not within the call: to disconnect there never returns.
      setImmediate(resolve);
    });
  });
}
