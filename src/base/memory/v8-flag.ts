import { setFlagsFromString } from 'node:v8';

/** Sets a flag of V8 in the running process; where it is frozen nothing happens. */
export function setV8Flag(flag: string): void {
  try {
    setFlagsFromString(flag);
  } catch {
    // It only makes the process smaller or faster.
  }
}
