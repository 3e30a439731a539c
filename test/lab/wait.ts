import { setTimeout as pause } from 'node:timers/promises';

/** Waits until `condition` holds, asking every 20 ms; says what it waited for when the deadline passes. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMillis: number,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMillis;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited ${deadlineMillis} ms in vain until: ${what}`);
    await pause(20);
  }
}
