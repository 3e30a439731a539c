import { setImmediate } from 'node:timers/promises';
import { VardeError } from '../../../base/errors.ts';

/** Documents that are made in one go: some ten milliseconds of work. */
const AT_ONCE = 128;

/** Lets others have the thread now and then while many documents are made, and notices that the asker has gone. */
export function makeWay(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let done = 0;
  return () => (++done % AT_ONCE === 0 ? pause(signal) : undefined);
}

async function pause(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  if (signal?.aborted === true) throw new VardeError('query_cancelled', 'The question was cancelled.');
}
