import { useEffect, useState } from 'preact/hooks';
import type { Asked } from '../state/ask.ts';
import { duration } from './format.ts';

interface WorkingProps {
  asked: Pick<Asked<unknown>, 'since' | 'cancelled' | 'cancel' | 'again'>;
  /** What is being done, as the beginning of a sentence: "Counting events". */
  doing: string;
}

/** What is being asked; where that takes long also for how long already, and the way to give it up. */
export function Working({ asked: { since, cancelled, cancel, again }, doing }: WorkingProps) {
  if (cancelled)
    return (
      <p class="working" role="status">
        <span>Cancelled: {doing.charAt(0).toLowerCase() + doing.slice(1)}.</span>{' '}
        <button onClick={again}>Ask again</button>
      </p>
    );
  return (
    <p class="working" role="status">
      <span>
        {doing} … {since !== null && <Elapsed since={since} />}
      </span>{' '}
      {since !== null && <button onClick={cancel}>Cancel</button>}
    </p>
  );
}

/** Not read out each second. */
function Elapsed({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now - since < 2000 ? null : (
    <span class="num" aria-hidden="true">
      {duration(now - since)}
    </span>
  );
}
