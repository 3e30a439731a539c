import { setFlagsFromString } from 'node:v8';

/** Sets a flag of V8 in the running process; false where it is frozen or V8 does not let it be set. */
export function setV8Flag(flag: string): boolean {
  try {
    setFlagsFromString(flag);
    return true;
  } catch {
    return false;
  }
}
