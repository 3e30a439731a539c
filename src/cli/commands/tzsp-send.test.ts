import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { LINK_TYPE } from '../../packet/link-types.ts';
import { globalHeader, RECORD_HEADER_BYTES, recordHeader } from '../../packet/pcap/write.ts';
import { Outcome, readTzsp, TzspView } from '../../packet/tzsp/decode.ts';
import { tzspSend } from './tzsp-send.ts';

/** Two packets, the second of which was sliced; and what `varde tzsp send` makes of them. */
async function sent(tag: string[] | undefined, loops = 1): Promise<TzspView[]> {
  const root = mkdtempSync(join(tmpdir(), 'varde-send-'));
  const file = join(root, 'two.pcap');
  const records = [60, 1400].map((length, i) => {
    const record = Buffer.alloc(RECORD_HEADER_BYTES + 60, i);
    recordHeader(record, 0, 1_700_000_000 + i, 250_000, 60, length);
    return record;
  });
  writeFileSync(file, Buffer.concat([globalHeader(LINK_TYPE.ETHERNET, false), ...records]));
  const socket = createSocket('udp4');
  const got: Buffer[] = [];
  socket.on('message', (bytes) => got.push(bytes));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => {
    said.mockRestore();
    socket.close();
    rmSync(root, { recursive: true });
  });
  const to = `127.0.0.1:${(socket.address() as AddressInfo).port}`;
  expect(await tzspSend(file, { to, rate: 1000, loops, ...(tag === undefined ? {} : { tag }) })).toBe(0);
  await vi.waitFor(() => expect(got).toHaveLength(2 * loops), { timeout: 10_000, interval: 10 });
  return got.map((bytes) => {
    const view = new TzspView();
    expect(readTzsp(view, bytes, 0, bytes.length)).toBe(Outcome.FRAME);
    expect(view.frameEnd - view.frameStart).toBe(60);
    return view;
  });
}

it('adds no tag that was not asked for', async () => {
  for (const view of await sent(undefined))
    expect(view).toMatchObject({ packetId: -1, seconds: -1, originalLength: 60, frameStart: 5 });
});

it('adds the original length, of sliced packets too', async () => {
  const views = await sent(['original-length']);
  expect(views.map(({ originalLength }) => originalLength)).toEqual([60, 1400]);
  expect(views[0]).toMatchObject({ packetId: -1, seconds: -1 });
});

it('adds the time of the file', async () => {
  const views = await sent(['time-stamp']);
  expect(views.map(({ seconds, nanoseconds }) => [seconds, nanoseconds])).toEqual([
    [1_700_000_000, 250_000_000],
    [1_700_000_001, 250_000_000],
  ]);
});

it('numbers packets on, also when the file is sent again', async () => {
  const views = await sent(['packet-id', 'time-stamp', 'original-length'], 3);
  expect(views.map(({ packetId }) => packetId)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(views.map(({ originalLength }) => originalLength)).toEqual([60, 1400, 60, 1400, 60, 1400]);
  expect(views.at(-1)!.seconds).toBe(1_700_000_001);
});

it('adds the same tags where a file is kept and sent again', async () => {
  const views = await sent(['original-length'], 2);
  expect(views.map(({ originalLength }) => originalLength)).toEqual([60, 1400, 60, 1400]);
});
