import { useEffect, useRef, useState } from 'preact/hooks';
import { type Failure, failureOf, isAbort } from './api.ts';

/** An answer as a view needs it: the old one stays until the new one is there. */
export interface Asked<T> {
  value: T | null;
  error: Failure | null;
  /** A question is under way. */
  busy: boolean;
  /** `value` answers another question than the one now asked, and has done so for 300 ms: dim it and say so. */
  stale: boolean;
  again(): void;
}

/**
 * Asks whenever `key` changes, gives up the question before; null asks nothing. `tick` asks again without calling the old answer stale.
 */
export function useAsk<T>(key: string | null, asking: (signal: AbortSignal) => Promise<T>, tick: number = 0): Asked<T> {
  const [state, setState] = useState<{ key: string | null; value: T | null; error: Failure | null; busy: boolean }>({
    key: null,
    value: null,
    error: null,
    busy: key !== null,
  });
  const [late, setLate] = useState(false);
  const [round, setRound] = useState(0);
  const latest = useRef(asking);
  latest.current = asking;

  useEffect(() => {
    if (key === null) return;
    const control = new AbortController();
    setState((was) => ({ ...was, busy: true }));
    const timer = setTimeout(() => setLate(true), 300);
    latest
      .current(control.signal)
      .then((value) => setState({ key, value, error: null, busy: false }))
      .catch((error: unknown) => {
        if (isAbort(error) || control.signal.aborted) return;
        setState((was) => ({ ...was, key, error: failureOf(error), busy: false }));
      })
      .finally(() => {
        clearTimeout(timer);
        if (!control.signal.aborted) setLate(false);
      });
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [key, tick, round]);

  return {
    value: state.value,
    error: state.error,
    busy: state.busy,
    stale: late && state.key !== key && state.value !== null,
    again: () => setRound((n) => n + 1),
  };
}
