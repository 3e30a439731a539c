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
  /** Milliseconds since the epoch since when the question, whose answer is not here yet, is under way; null while it is quick (300 ms) or repeated. */
  since: number | null;
  /** It was given up on request; asked again only by {@link again}. */
  cancelled: boolean;
  cancel(): void;
  again(): void;
}

interface State<T> {
  /** The question that `value` or `error` answers. */
  key: string | null;
  value: T | null;
  error: Failure | null;
  busy: boolean;
}

const QUICK_MILLIS = 300;

/**
 * Asks whenever `key` changes, gives up the question before; null asks nothing. `tick` asks again without calling the old answer stale; where
 * the same question is still under way, it is asked again only after that: else one that takes longer than the ticks would never be answered.
 */
export function useAsk<T>(key: string | null, asking: (signal: AbortSignal) => Promise<T>, tick: number = 0): Asked<T> {
  const [state, setState] = useState<State<T>>({ key: null, value: null, error: null, busy: key !== null });
  const [since, setSince] = useState<number | null>(null);
  const [cancelled, setCancelled] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const running = useRef<{ key: string; control: AbortController; once: boolean } | null>(null);
  const latest = useRef(asking);
  latest.current = asking;

  const stop = (): void => {
    running.current?.control.abort();
    running.current = null;
    setSince(null);
  };
  const start = (asked: string): void => {
    stop();
    const control = new AbortController();
    const mine = { key: asked, control, once: false };
    running.current = mine;
    const began = Date.now();
    const timer = setTimeout(() => setSince(began), QUICK_MILLIS);
    control.signal.addEventListener('abort', () => clearTimeout(timer));
    setState((was) => ({ ...was, busy: true }));
    latest
      .current(control.signal)
      .then((value) => {
        if (!control.signal.aborted) setState({ key: asked, value, error: null, busy: false });
      })
      .catch((error: unknown) => {
        if (isAbort(error) || control.signal.aborted) return;
        setState((was) => ({ ...was, key: asked, error: failureOf(error), busy: false }));
      })
      .finally(() => {
        clearTimeout(timer);
        if (control.signal.aborted) return;
        running.current = null;
        setSince(null);
        if (mine.once) start(asked);
      });
  };

  useEffect(() => {
    setCancelled(null);
    if (key === null) return;
    start(key);
    return stop;
  }, [key, round]);
  const ticked = useRef(tick);
  useEffect(() => {
    if (tick === ticked.current) return;
    ticked.current = tick;
    if (key === null || cancelled === key) return;
    if (running.current?.key === key) running.current.once = true;
    else start(key);
  }, [tick]);

  const other = state.key !== key;
  return {
    value: state.value,
    error: state.error,
    busy: state.busy,
    stale: other && state.value !== null && (since !== null || cancelled === key),
    since: other || state.error !== null ? since : null,
    cancelled: cancelled !== null && cancelled === key,
    cancel() {
      stop();
      setCancelled(key);
      setState((was) => ({ ...was, busy: false }));
    },
    again: () => setRound((n) => n + 1),
  };
}
