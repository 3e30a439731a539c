import { useEffect, useRef, useState } from 'preact/hooks';
import { liveStatus } from './live.ts';

const REFRESH_MILLIS = 5000;

/** Counts up each five seconds while it runs and the page is looked at; slower where answers take long. */
export function useTick(running: boolean): { now: number; again(): void; pace(tookMillis: number): void } {
  const [now, setNow] = useState(0);
  const [pause, setPause] = useState(REFRESH_MILLIS);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow((n) => n + 1);
    }, pause);
    return () => clearInterval(timer);
  }, [running, pause]);
  return {
    now,
    again: () => setNow((n) => n + 1),
    pace(took) {
      const next = Math.max(REFRESH_MILLIS, Math.ceil((took * 10) / 5000) * 5000);
      if (next !== pause) setPause(next);
    },
  };
}

/** Calls when the first events of an empty store have come: they are not kept waiting for the next round. */
export function useFirstEvents(came: () => void): void {
  const stored = liveStatus.value?.events ?? null;
  const before = useRef(stored);
  useEffect(() => {
    if (before.current === 0 && stored !== null && stored > 0) came();
    if (stored !== null) before.current = stored;
  }, [stored]);
}
