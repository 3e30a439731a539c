import { setMaxListeners } from 'node:events';
import { VardeError } from '../base/errors.ts';

/** One answer for all who ask the same at about the same time: several open tabs cost as much as one. */
export interface Shared {
  /** The question is cancelled only when everyone who waits for it has gone. */
  ask<T>(key: string, signal: AbortSignal, question: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

interface Entry {
  answer: Promise<unknown>;
  cancel: AbortController;
  waiting: number;
  /** Milliseconds; null while it is being answered. */
  answered: number | null;
}

const MAX_ENTRIES = 32;

export function createShared(keepMs: number, now: () => number): Shared {
  const entries = new Map<string, Entry>();

  function start(key: string, question: (signal: AbortSignal) => Promise<unknown>): Entry {
    const cancel = new AbortController();
    // One shared question is many at once, and each listens.
    setMaxListeners(64, cancel.signal);
    const entry: Entry = { answer: question(cancel.signal), cancel, waiting: 0, answered: null };
    entries.set(key, entry);
    entry.answer.then(
      () => {
        entry.answered = now();
      },
      () => drop(key, entry),
    );
    for (const [old, { answered }] of entries) {
      if (entries.size <= MAX_ENTRIES) break;
      if (answered !== null) entries.delete(old);
    }
    return entry;
  }

  function drop(key: string, entry: Entry): void {
    if (entries.get(key) === entry) entries.delete(key);
  }

  return {
    async ask<T>(key: string, signal: AbortSignal, question: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const kept = entries.get(key);
      const fresh = kept !== undefined && (kept.answered === null || now() - kept.answered < keepMs);
      const entry = fresh ? kept : start(key, question);
      entry.waiting++;
      let leave: (() => void) | undefined;
      const gone = new Promise<never>((_resolve, reject) => {
        leave = () => reject(new VardeError('query_cancelled', 'The question was cancelled.'));
        if (signal.aborted) leave();
        else signal.addEventListener('abort', leave, { once: true });
      });
      try {
        // The key names the question, so the answer has its type.
        return (await Promise.race([entry.answer, gone])) as T;
      } finally {
        if (leave) signal.removeEventListener('abort', leave);
        entry.waiting--;
        if (entry.waiting === 0 && entry.answered === null) {
          entry.cancel.abort();
          drop(key, entry);
        }
      }
    },
  };
}
