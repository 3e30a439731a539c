import { expect, test } from 'vitest';
import { walkPacket } from '../../src/packet/packet.ts';
import { readTzsp, rejectReason, TzspView } from '../../src/packet/tzsp/decode.ts';
import { encodeTzsp } from '../../src/packet/tzsp/encode.ts';
import { random } from './random.ts';

const DATAGRAMS = 1_000_000;

/** Ethernet, VLAN, IPv4 with options or IPv6 with extension headers: starts for the edits. */
const FRAMES = [
  '0200000000010200000000020800450000280001400040060000c0000201c0000202303900500000000100000002500200000000000000',
  '0200000000010200000000028100000a86dd6000000000181140200100000000000000000000000000012001000000000000000000000000000290909090001800',
  '02000000000102000000000288a80001810000020806000108000604000102000000000ac0000201000000000000c0000202',
].map((hex) => Buffer.from(hex.slice(0, hex.length & ~1), 'hex'));

test('a million datagrams: each a frame within its bounds, or a named reason; layers stay inside the frame', () => {
  const next = random(37_008);
  const view = new TzspView();
  const below = (limit: number): number => Math.floor(next() * limit);
  const buffer = Buffer.alloc(4096, 1);
  const seen = new Map<string, number>();
  for (let i = 0; i < DATAGRAMS; i++) {
    const tags = Array.from({ length: below(4) }, () => ({ type: 2 + below(250), value: Buffer.alloc(below(12), i) }));
    const datagram = encodeTzsp({ tags, frame: FRAMES[i % FRAMES.length]! });
    for (let edits = below(5); edits > 0; edits--) datagram[below(datagram.length)] = below(256);
    const start = below(64);
    const end = start + (next() < 0.2 ? below(datagram.length + 1) : datagram.length);
    datagram.copy(buffer, start, 0, end - start);
    const result = readTzsp(view, buffer, start, end);
    const name = result < 0 ? rejectReason(result) : String(result);
    seen.set(name, (seen.get(name) ?? 0) + 1);
    if (result !== 0) continue;
    if (view.frameStart <= start + 4 || view.frameStart >= view.frameEnd || view.frameEnd !== end) expect(view).toBe(i);
    for (const layer of walkPacket(buffer, view.linkType, view.frameStart, view.frameEnd)) {
      if (layer.layer === 'reject') continue;
      if (layer.start < view.frameStart || layer.end > end || layer.payload > end) expect(layer).toBe(i);
    }
  }
  expect([...seen.keys()]).toEqual(
    expect.arrayContaining(['0', '1', 'short_header', 'version', 'tag_cut', 'empty_frame']),
  );
});
