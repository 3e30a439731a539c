import type { Option } from 'commander';

/** What the program gives to those who add commands to it. */
export interface Common {
  /** Takes the exit code. */
  done(code: number): void;
  config(): Option;
  data(): Option;
  /** Reads a whole number of at least this, and at most that. */
  number(least: number, most?: number): (text: string) => number;
}

/** For options that may be given more than once. */
export function several(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}
