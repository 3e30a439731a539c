import { parentPort, workerData } from 'node:worker_threads';
import { VardeError, messageOf } from '../../base/errors.ts';
import { Descriptors } from './descriptors.ts';
import { DatagramReceiver } from './dgram.ts';
import type { WorkerInput, WorkerMessage } from './messages.ts';
import { Receiver, type ReceiverEvents } from './receiver.ts';
import { loadSystem, type System } from './system.ts';

/** The receiver's thread. */
const { settings, stop, descriptors } = workerData as WorkerInput;
const flag = new Int32Array(stop);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker_threads, not a window: it has no origin
const say = (message: WorkerMessage): void => parentPort?.postMessage(message);
const stopped = (): boolean => Atomics.load(flag, 0) === 1;
const events: ReceiverEvents = {
  report: (report) => say({ type: 'report', report }),
  begun: (path) => say({ type: 'begun', path }),
  rotated: (path, output, kept) => say({ type: 'rotated', path, output, kept }),
};

try {
  const system = await loadSystem(new Descriptors(descriptors)).catch((error: unknown) => {
    if (settings.outputs.some((it) => it.type === 'inject')) throw error;
    return messageOf(error);
  });
  if (typeof system === 'string') {
    const receiver = await DatagramReceiver.open(settings, events, system);
    say({ type: 'ready' });
    await receiver.run(stopped);
  } else runReceiver(system);
} catch (error) {
  say({ type: 'failed', code: error instanceof VardeError ? error.code : 'internal', message: messageOf(error) });
}

function runReceiver(system: System): void {
  const receiver = new Receiver(system, settings, events);
  say({ type: 'ready' });
  receiver.run(stopped);
}
