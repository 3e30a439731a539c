import { expect, it } from 'vitest';
import { Stop } from './stop.ts';

it('tells each that still waits, once', () => {
  const stop = new Stop();
  const told: string[] = [];
  const gone = (): void => void told.push('gone');
  stop.add(() => {
    told.push('first');
    // Whoever ends others on its own end changes what is gone through.
    stop.delete(gone);
  });
  stop.add(() => {
    throw new Error('wrong');
  });
  stop.add(() => told.push('second'));
  stop.add(gone);
  stop.stop();
  stop.stop();
  stop.add(() => told.push('late'));
  expect(told).toEqual(['first', 'second']);
  expect(stop.stopped).toBe(true);
});

it('ends a pause', async () => {
  const stop = new Stop();
  const long = stop.pause(1_000_000);
  await stop.pause(1);
  stop.stop();
  await long;
  await stop.pause(1_000_000);
});
