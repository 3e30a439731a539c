/** Turns what is told by callbacks into what is asked for one by one. */
export interface Mailbox<T> {
  /** Adds a message; `replaces` takes the place of the newest waiting one where it says so (progress, status). */
  put(message: T, replaces?: (waiting: T) => boolean): void;
  /** No more messages; those waiting are still handed out. */
  end(): void;
  fail(error: unknown): void;
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined>;
}

export function createMailbox<T>(): Mailbox<T> {
  const waiting: T[] = [];
  let state: 'open' | 'ended' | { error: unknown } = 'open';
  let wake: (() => void) | null = null;
  const notify = (): void => {
    wake?.();
    wake = null;
  };
  return {
    put: (message, replaces) => {
      const newest = waiting.at(-1);
      if (newest !== undefined && replaces?.(newest) === true) waiting[waiting.length - 1] = message;
      else waiting.push(message);
      notify();
    },
    end: () => {
      if (state === 'open') state = 'ended';
      notify();
    },
    fail: (error) => {
      if (state === 'open') state = { error };
      notify();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const message = waiting.shift();
        if (message !== undefined) yield message;
        else if (state === 'ended') return;
        else if (state !== 'open') throw state.error;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
