import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFastSighting } from '../../src/detect/heartbeat/fast-line.ts';
import { readCandidate } from '../../src/detect/heartbeat/match.ts';
import { wantsLine } from '../../src/detect/heartbeat/prefilter.ts';
import { alertOf, KEY, SID, SOURCE, START, tokenOf, World } from '../../src/detect/testing/world.ts';
import { PROBE_KINDS, type SentProbe } from '../../src/probe/sent-probe.ts';
import { random } from './random.ts';

/** Seconds per property: `FUZZ_SECS=600 npx vitest run --project fuzz test/fuzz/heartbeat.test.ts` searches for longer. */
const SECONDS = Number(process.env.FUZZ_SECS ?? '5');
const LIMIT = { interruptAfterTimeLimit: SECONDS * 1000, numRuns: 10_000_000 };
const LINES = 1_000_000;

const PROBE: SentProbe = {
  path: 'lan',
  kind: 'icmp',
  seq: 1,
  sent: START,
  source_ip: '192.0.2.1',
  source_port: null,
  destination_ip: '192.0.2.2',
  destination_port: null,
  error: null,
  answered_ms: null,
};
const SIDS = new Set([...Object.values(SID), 5_100_000]);
/** Real lines of each kind, whose token is genuine but of a probe that a station of START + 1 day knows nothing of. */
const REAL = PROBE_KINDS.map((kind) => JSON.stringify(alertOf({ ...PROBE, kind })));
const STATS = JSON.stringify({
  timestamp: '2026-11-24T12:00:00.000000+0000',
  event_type: 'stats',
  stats: { uptime: 5, decoder: { pkts: 7 } },
});

test(
  'a million random lines: never an error, never a life',
  () => {
    const next = random(20_261_124);
    const world = new World({ kinds: PROBE_KINDS });
    // It lived, as one whose log shows tokens, and has been dead for a day.
    world.live(3);
    const died = world.now;
    world.now += 86_400_000;
    let [wanted, parsed] = [0, 0];
    for (let i = 0; i < LINES; i++) {
      const line = Buffer.from(next() < 0.1 ? STATS : REAL[Math.floor(next() * REAL.length)]!, 'latin1');
      const edits = 1 + Math.floor(next() * 4);
      for (let k = 0; k < edits; k++) line[Math.floor(next() * line.length)] = 32 + Math.floor(next() * 96);
      const from = next() < 0.1 ? Math.floor(next() * line.length) : 0;
      const to = next() < 0.1 ? from + Math.floor(next() * (line.length - from)) : line.length;
      if (!world.heartbeat.wants(line, from, to)) continue;
      wanted++;
      let event: unknown;
      try {
        event = JSON.parse(line.toString('utf8', from, to));
      } catch {
        continue;
      }
      parsed++;
      world.heartbeat.line(event, world.now, { source: SOURCE });
    }
    // Most lines pass the first look, so the matcher was reached too.
    expect(wanted).toBeGreaterThan(LINES / 10);
    expect(parsed).toBeGreaterThan(LINES / 20);
    for (const chain of world.sensor().chains) {
      expect(chain.state, `${chain.kind}: ${chain.message}`).not.toBe('alive');
      // Old genuine lines may count for the past, never for now.
      expect(chain.last_seen ?? 0).toBeLessThanOrEqual(died);
    }
  },
  SECONDS * 4000 + 300_000,
);

test(
  'whatever bytes: the first look and the readers never throw, and agree',
  { timeout: SECONDS * 4000 + 60_000 },
  () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(
        '"event_type":',
        '"alert"',
        '"stats"',
        '"signature_id":',
        '5100001',
        'varde-hb ',
        tokenOf(PROBE),
        '.varde-hb.invalid',
        '{',
        '}',
        '[**] ',
        '11/24/2026-02:26:05.818575  ',
        ' {ICMP} ',
        ' -> ',
        '192.0.2.1:8',
        '\\u0000',
        '{"a":'.repeat(200),
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const bytes = Buffer.from(text, 'latin1');
        wantsLine(SIDS, bytes, 0, bytes.length);
        readFastSighting(text);
        for (let i = 0; i <= bytes.length; i += 7) expect(wantsLine(SIDS, bytes, i, i)).toBe(false);
      }),
      LIMIT,
    );
  },
);

test('whatever JSON: the matcher never throws', { timeout: SECONDS * 4000 + 60_000 }, () => {
  const world = new World({ kinds: PROBE_KINDS });
  const key = fc.constantFrom(
    'event_type',
    'timestamp',
    'alert',
    'signature_id',
    'src_ip',
    'dest_ip',
    'src_port',
    'dns',
    'query',
    'queries',
    'rrname',
    'http',
    'hostname',
    'url',
    'tls',
    'sni',
    'payload',
    'payload_printable',
    'packet',
    'stats',
    '__proto__',
    'constructor',
  );
  const leaf = fc.oneof(
    fc.double(),
    fc.string(),
    fc.constantFrom(
      null,
      true,
      'alert',
      'stats',
      5_100_001,
      5_100_000,
      '192.0.2.2',
      '2026-11-24T12:00:00.000000+0000',
      `${tokenOf(PROBE)}.varde-hb.invalid`,
      `varde-hb ${tokenOf(PROBE)}`,
      'varde-hb',
    ),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 8 }),
    ),
  }));
  const base = fc.record({ more: fc.dictionary(key, tree, { maxKeys: 4 }), which: fc.nat(REAL.length - 1) });
  fc.assert(
    fc.property(base, tree, ({ more, which }, wild) => {
      const real = { ...(JSON.parse(REAL[which]!) as Record<string, unknown>), ...more };
      for (const event of [wild, real]) {
        readCandidate(event, KEY);
        world.heartbeat.line(event, START + 86_400_000, { source: SOURCE });
      }
    }),
    LIMIT,
  );
});
