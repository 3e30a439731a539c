import { expect, it } from 'vitest';
import { History } from './history.ts';
import { ProbeRing, SEEN, TOLD } from './ring.ts';

const START = Date.UTC(2026, 10, 24, 12);

it('rings that share columns do not touch each other', () => {
  const rings = Array.from({ length: 200 }, (_, i) => new ProbeRing(i % 2 === 0 ? 64 : 96));
  rings.forEach((ring, i) => {
    for (let seq = 1; seq <= 300; seq++) ring.put(seq, START + i, seq, TOLD);
    ring.mark(ring.find(300), SEEN);
  });
  rings[7]!.clear();
  rings[8]!.load(rings[10]!.contents());
  rings.forEach((ring, i) => {
    if (i === 7) {
      expect(ring.find(300)).toBe(-1);
      return;
    }
    for (let seq = 301 - ring.capacity; seq <= 300; seq++) {
      const place = ring.find(seq);
      expect([ring.at[place], ring.raw[place], ring.has(place, SEEN)]).toEqual([
        START + (i === 8 ? 10 : i),
        seq,
        seq === 300,
      ]);
    }
    expect(ring.find(300 - ring.capacity)).toBe(-1);
  });
});

it('histories that share columns do not touch each other', () => {
  const ring = new ProbeRing(64);
  const histories = Array.from({ length: 100 }, () => new History());
  histories.forEach((history, i) => {
    for (let k = 0; k < 288; k++) history.count(START - k * 300_000, i + 1, k === 0 ? 1 : 0);
    for (const hop of ['answered', 'alerted', 'read', 'stored'] as const) history.latency(hop, START, i + 1);
  });
  histories[3]!.heed(START - 2 * 86_400_000);
  histories[5]!.load(histories[6]!.contents());
  histories.forEach((history, i) => {
    const day = history.windows(START, ring, 3000)[2]!;
    if (i === 3) {
      expect(day.sent).toBe(0);
      return;
    }
    const value = i === 5 ? 7 : i + 1;
    expect([day.sent, day.lost]).toEqual([288 * value, 1]);
    for (const { p50 } of Object.values(day.latency)) expect(Math.abs(p50 / value - 1)).toBeLessThan(0.16);
  });
});

it('knows a packet again by its microsecond, and no other one', () => {
  const ring = new ProbeRing(64);
  const place = ring.put(1, START, START, TOLD);
  // Where the column's microseconds begin anew, too.
  for (const at of [START + 0.123, (Math.ceil((START * 1000) / 2 ** 32) * 2 ** 32) / 1000]) {
    ring.capture(place, at);
    for (const [apart, is] of [
      [0, true],
      [0.001, true],
      [-0.001, true],
      [0.004, false],
      [-0.004, false],
      [3000, false],
      [-60_000, false],
    ] as const)
      expect(ring.isCapture(place, at + apart), `${apart}`).toBe(is);
  }
});
