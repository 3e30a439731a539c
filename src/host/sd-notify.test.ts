import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { missing, needs } from '../../test/pipeline/obstacles.ts';
import { systemdNotifier, unixAddress, watchdogInterval } from './sd-notify.ts';

it('is absent outside of systemd', async () => {
  expect(await systemdNotifier({})).toBeNull();
});

it('encodes paths and abstract names', () => {
  expect([...unixAddress('/a')]).toEqual([1, 0, 47, 97, 0]);
  expect([...unixAddress('@a')]).toEqual([1, 0, 0, 97]);
  expect(() => unixAddress('x'.repeat(108))).toThrow('longer');
});

it('reads the watchdog interval of this process only', () => {
  expect(watchdogInterval({ WATCHDOG_USEC: '30000000' })).toBe(15_000);
  expect(watchdogInterval({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, 2)).toBeNull();
  expect(watchdogInterval({ WATCHDOG_USEC: 'x' })).toBeNull();
});

it('reaches a real datagram socket', async ({ skip }) => {
  needs(skip, missing('perl'));
  const dir = mkdtempSync(join(tmpdir(), 'varde-sd-'));
  const path = join(dir, 's');
  // A real receiver in another process: Node cannot listen on Unix datagram sockets.
  const receiver = spawn(
    'perl',
    [
      '-MSocket',
      '-e',
      '$|=1; socket(S,AF_UNIX,SOCK_DGRAM,0); bind(S,pack_sockaddr_un($ARGV[0])) or die; print "up\n"; recv(S,$b,4096,0); print $b',
      path,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  try {
    const output: string[] = [];
    const ended = new Promise<boolean>((resolve) => {
      receiver.on('error', () => resolve(false));
      receiver.on('close', () => resolve(true));
    });
    const up = new Promise<boolean>((resolve) => {
      receiver.stdout.on('data', (data: Buffer) => {
        output.push(data.toString());
        resolve(true);
      });
      receiver.on('error', () => resolve(false));
    });
    expect(await up).toBe(true);
    const notifier = await systemdNotifier({ NOTIFY_SOCKET: path });
    notifier!.send('READY=1\nSTATUS=following 1 file');
    await ended;
    notifier!.close();
    expect(output.join('')).toBe('up\nREADY=1\nSTATUS=following 1 file');
  } finally {
    receiver.kill();
    rmSync(dir, { recursive: true });
  }
});
