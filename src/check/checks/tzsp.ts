import type { Reading } from '../reading.ts';
import { CRITICAL, judge, OK, WARNING, worst, type Perf, type State } from '../result.ts';
import { span } from '../words.ts';
import { NothingToCheck, SENSORS, thresholds, type Check } from './check.ts';

interface Router {
  address: string;
  /** Since its last datagram, seconds. */
  age: number;
  frames: number;
  bytes: number;
}

const STATES: Readonly<Record<'late' | 'blind', State>> = { late: WARNING, blind: CRITICAL };
const MOST_PERF = 20;

/** Do the routers stream, and does every output take their frames? Seconds since a router's last datagram; and what the station finds wrong. */
export const tzsp: Check = {
  asks: [SENSORS],
  judge([report], options) {
    const now = report!.number('now');
    const receiver = report!.objectOrNull('tzsp');
    const problems = report!.list('tzsp_problems').map((problem) => ({
      state: STATES[problem.oneOf('state', ['late', 'blind'])],
      text: `${problem.text('message')} [${problem.text('code')}]`,
      remedy: problem.text('remedy'),
    }));
    if (receiver === null && problems.length === 0) throw new NothingToCheck('no TZSP receiver is configured');
    const routers = receiver === null ? [] : routersOf(receiver, now);
    const limits = thresholds(options, '60', '300');
    const oldest = routers.reduce<Router | null>((old, it) => (old === null || it.age > old.age ? it : old), null);
    const byAge = judge(oldest?.age ?? null, limits);
    const state = worst([byAge, ...problems.map((problem) => problem.state)]);
    const telling = problems.find((problem) => problem.state === state);
    return {
      state,
      text: state !== OK && telling !== undefined ? telling.text : describe(routers, oldest),
      remedy: state === OK ? undefined : telling?.remedy,
      perf: [...routers.slice(0, MOST_PERF).flatMap((it) => perfOf(it, limits)), ...dropsOf(receiver)],
      long: problems.map(({ text, remedy }) => `${text} ${remedy}`),
    };
  },
};

/** Those that have delivered a frame: whoever may send here can send a byte. The station misses those that its config names. */
function routersOf(receiver: Reading, now: number): Router[] {
  const senders = receiver.list('routers').map((router) => ({
    address: router.text('address'),
    age: Math.max(0, (now - router.number('lastSeen')) / 1000),
    frames: router.number('frames'),
    bytes: router.number('bytes'),
  }));
  return senders.filter(({ frames }) => frames > 0);
}

function describe(routers: readonly Router[], oldest: Router | null): string {
  if (oldest === null) return 'no router has sent a frame';
  return routers.length === 1
    ? `${oldest.address} streams, last ${span(oldest.age)} ago`
    : `${routers.length} routers stream, the longest silent ${oldest.address}, ${span(oldest.age)} ago`;
}

function perfOf({ address, age, frames, bytes }: Router, limits: ReturnType<typeof thresholds>): Perf[] {
  return [
    { label: `${address}/age`, value: age, unit: 's', ...limits, min: 0 },
    { label: `${address}/frames`, value: frames, unit: 'c', min: 0 },
    { label: `${address}/bytes`, value: bytes, unit: 'c', min: 0 },
  ];
}

/** What was lost since the receiver started: in the kernel, and by outputs for whatever reason. */
function dropsOf(receiver: Reading | null): Perf[] {
  if (receiver === null) return [];
  const kernel = receiver.list('sockets').reduce((sum, socket) => sum + socket.number('kernelDrops'), 0);
  const outputs = receiver.list('outputs').map((output) => output.object('dropped').sum());
  return [
    { label: 'kernel_drops', value: kernel, unit: 'c', min: 0 },
    { label: 'output_drops', value: outputs.reduce((sum, one) => sum + one, 0), unit: 'c', min: 0 },
  ];
}
