import { fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { VardeError } from '../../base/errors.ts';
import type { TzspSettings } from '../tzsp/settings.ts';
import { ReceiverThread } from './thread.ts';

const folder = mkdtempSync(join(tmpdir(), 'varde-thread-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let programs = 0;

/** A program for the thread, in place of worker.ts. */
function program(text: string): string {
  const path = join(folder, `program${programs++}.mjs`);
  writeFileSync(
    path,
    `import { parentPort, workerData } from 'node:worker_threads';
     const say = (message) => parentPort.postMessage(message);
     ${text}`,
  );
  return path;
}

const SETTINGS: TzspSettings = {
  listen: ['127.0.0.1:1'],
  routers: [],
  receiveBufferBytes: 65_536,
  dropDuplicatesMs: 0,
  kernelPath: 'off',
  outputs: [],
};
const isOpen = (fd: number): boolean => {
  try {
    return fstatSync(fd).isFile() || true;
  } catch {
    return false;
  }
};

describe("the receiver's thread", () => {
  it('that fails before it listens has not started, and says why', async () => {
    const fails = program(`say({ type: 'failed', code: 'tzsp_listen', message: 'taken' });`);
    const ended: VardeError[] = [];
    await expect(ReceiverThread.start(SETTINGS, { ended: (it) => ended.push(it) }, fails)).rejects.toMatchObject({
      code: 'tzsp_listen',
      message: 'taken',
    });
    expect(ended).toEqual([]);
  });

  it.each([
    ['fails', `setTimeout(() => { throw new Error('broken'); }, 20);`, 'broken'],
    [
      'outgrows its memory',
      // With texts: Node 24 looks at the limit too late where arrays fill the memory, and then ends the whole process or nothing.
      `const all = []; setTimeout(() => { for (;;) all.push('x'.repeat(1000) + all.length); }, 20);`,
      'memory',
    ],
    ['ends by itself', ``, 'ended by itself'],
  ])('that %s is missed, and nothing stays open of it', async (_, text, message) => {
    // As if libc had opened it in there.
    const fd = openSync('/dev/null', 'r');
    const dies = program(`
      new Int32Array(workerData.descriptors)[3] = ${fd} + 1;
      say({ type: 'ready' });
      ${text}`);
    const error = await new Promise<VardeError>((resolve, reject) => {
      ReceiverThread.start(SETTINGS, { ended: resolve }, dies).catch(reject);
    });
    expect(error.code).toBe('internal');
    expect(error.message).toContain(message);
    expect(isOpen(fd)).toBe(false);
  });

  it('ends when it is told to, and that is no failure', async () => {
    const waits = program(`
      const flag = new Int32Array(workerData.stop);
      say({ type: 'ready' });
      while (Atomics.load(flag, 0) === 0) Atomics.wait(flag, 0, 0, 20);`);
    const ended: VardeError[] = [];
    const thread = await ReceiverThread.start(SETTINGS, { ended: (it) => ended.push(it) }, waits);
    await thread.stop();
    expect(ended).toEqual([]);
  });
});
