import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sending, Sent } from './raw-sender.ts';
import { BenchReceiver, type Kind } from './receivers.ts';
import { BenchStage } from './stage.ts';

export interface Outcome {
  sent: Sent;
  /** Frames that the interface was given. */
  arrived: number;
  /** Of what was sent, lost on the way: 0 to 1. */
  loss: number;
  /** CPU milliseconds of the receiver. */
  cpu: number;
  memory: number;
  /** What was printed by the drain of a pipe. */
  output: string;
  /** It was still there at the end. */
  alive: boolean;
}

export interface Run {
  kind: Kind;
  rate: number;
  secs: number;
  burst?: number;
  largeBuffer?: boolean;
  /** Pin the sender to one core together with what the kernel does for it. */
  pinned?: boolean;
  /** Called while it receives, before the sending begins and after it ended. */
  around?(stage: BenchStage, work: () => Promise<void>): Promise<void>;
}

/** One receiver, one sending, in namespaces of their own. */
export async function measure(run: Run): Promise<Outcome> {
  // An ifb may not be redirected into: what it is given that way it hands back as received.
  const stage = new BenchStage(run.kind === 'varde-kernel' ? 'veth' : 'sink');
  let receiver: BenchReceiver | null = null;
  try {
    receiver = await BenchReceiver.start(stage, run.kind, run.largeBuffer ?? false);
    const [from, to] = stage.hardwareAddresses();
    const sending: Sending = {
      interface: stage.routerInterface,
      from,
      to,
      rate: run.rate,
      secs: run.secs,
      burst: run.burst ?? 0,
      warm: run.kind === 'varde-kernel' ? 500 : 0,
    };
    let sent: Sent = { frames: 0, secs: 0 };
    const before = stage.frames();
    const cpu = receiver.cpu();
    const work = async (): Promise<void> => {
      sent = await send(stage, sending, run.pinned ?? false);
      await settled(stage);
    };
    await (run.around?.(stage, work) ?? work());
    const arrived = stage.frames() - before;
    const used = receiver.cpu() - cpu;
    const memory = receiver.memory();
    const { alive } = receiver;
    const output = await receiver.stop();
    return { sent, arrived, loss: sent.frames === 0 ? 1 : 1 - arrived / sent.frames, cpu: used, memory, output, alive };
  } finally {
    await receiver?.stop();
    await stage.close();
  }
}

async function send(stage: BenchStage, sending: Sending, pinned: boolean): Promise<Sent> {
  const words = [
    ...stage.wire.prefix('attacker'),
    ...(pinned ? ['taskset', '-c', '0'] : []),
    process.execPath,
    process.argv[1]!,
    '--child',
    'tzsp-send',
    JSON.stringify(sending),
  ];
  const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await once(child, 'close');
  return JSON.parse(text) as Sent;
}

/** Until nothing more arrives: what waits in buffers counts. */
async function settled(stage: BenchStage): Promise<void> {
  let last = -1;
  for (let same = 0, i = 0; same < 3 && i < 100; i++) {
    await pause(100);
    const now = stage.frames();
    same = now === last ? same + 1 : 0;
    last = now;
  }
}
