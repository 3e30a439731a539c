import { expect, it } from 'vitest';
import { parseOptions } from '../options.ts';
import { Reading } from '../reading.ts';
import { CRITICAL, OK, perfText, WARNING, type Result } from '../result.ts';
import { NOW, sensors } from '../testing/reports.ts';
import { NothingToCheck } from './check.ts';
import { tzsp } from './tzsp.ts';

function judged(answer: object, ...words: string[]): Result {
  const parsed = parseOptions(['tzsp', ...words]);
  if (!('options' in parsed)) throw new Error(JSON.stringify(parsed));
  return tzsp.judge([new Reading({ ...sensors(), ...answer }, 'answer')], parsed.options);
}

const receiver = (...ages: number[]) => ({
  routers: ages.map((age, i) => ({ address: `192.0.2.${i + 1}`, lastSeen: NOW - age * 1000, frames: 10, bytes: 900 })),
  sockets: [{ kernelDrops: 2 }],
  outputs: [{ dropped: {} }, { dropped: { blocked: 3, no_reader: 4 } }],
});

it('is OK while the routers stream, with numbers of each', () => {
  const result = judged({ tzsp: receiver(1) });
  expect(result).toMatchObject({ state: OK, text: '192.0.2.1 streams, last 1 s ago' });
  expect(result.perf.map(perfText).join(' ')).toBe(
    '192.0.2.1/age=1s;60;300;0 192.0.2.1/frames=10c;;;0 192.0.2.1/bytes=900c;;;0 kernel_drops=2c;;;0 output_drops=7c;;;0',
  );
});

it('names the router that has been silent for longest', () => {
  expect(judged({ tzsp: receiver(1, 100) })).toMatchObject({ state: WARNING });
  expect(judged({ tzsp: receiver(1, 100) }).text).toContain('192.0.2.2');
  expect(judged({ tzsp: receiver(1, 400) }).state).toBe(CRITICAL);
  expect(judged({ tzsp: receiver(1, 400) }, '-w', '1000').state).toBe(OK);
});

it('judges nobody by a byte', () => {
  const strange = { address: '192.0.2.9', lastSeen: NOW - 1e6, frames: 0, bytes: 0 };
  const routers = [...receiver(1).routers, strange];
  const result = judged({ tzsp: { ...receiver(), routers } });
  expect(result.state).toBe(OK);
  expect(result.perf.map(perfText).join(' ')).not.toContain('192.0.2.9');
  expect(judged({ tzsp: { ...receiver(), routers: [strange] } }).text).toBe('no router has sent a frame');
});

it('says what the station finds wrong, with the remedy', () => {
  const problem = { code: 'router_stopped', state: 'blind', message: 'It stopped.', remedy: 'Start it.' };
  expect(judged({ tzsp: receiver(40), tzsp_problems: [problem] })).toMatchObject({
    state: CRITICAL,
    text: 'It stopped. [router_stopped]',
    remedy: 'Start it.',
  });
  expect(judged({ tzsp: null, tzsp_problems: [{ ...problem, code: 'tzsp_failed' }] }).state).toBe(CRITICAL);
});

it('has nothing to check without a receiver', () => {
  expect(() => judged({})).toThrow(NothingToCheck);
});
