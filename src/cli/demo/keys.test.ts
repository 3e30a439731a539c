import { PassThrough } from 'node:stream';
import { expect, it, onTestFinished, vi } from 'vitest';
import { onKey } from './keys.ts';

function terminal(isTTY: boolean): PassThrough & { raw: boolean[] } {
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY, raw, setRawMode: (on: boolean) => void raw.push(on) });
  const spy = vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as never);
  onTestFinished(() => spy.mockRestore());
  return stdin;
}

it('calls back for its keys only, and for Ctrl-C, until it is let go', async () => {
  const stdin = terminal(true);
  const pressed: string[] = [];
  const stop = onKey({ b: () => pressed.push('b') }, () => pressed.push('end'));
  stdin.write('xb');
  stdin.write('__proto__\u0003');
  await vi.waitFor(() => expect(pressed).toEqual(['b', 'end']));
  stop();
  stdin.write('b');
  expect(stdin.raw).toEqual([true, false]);
  expect(stdin.listenerCount('data')).toBe(0);
  expect(pressed).toEqual(['b', 'end']);
});

it('reads nothing where nobody types', () => {
  const stdin = terminal(false);
  onKey({ b: () => undefined }, () => undefined)();
  expect(stdin.listenerCount('data')).toBe(0);
  expect(stdin.raw).toEqual([]);
});
