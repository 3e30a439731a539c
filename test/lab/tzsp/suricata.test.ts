import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/base/package-root.ts';
import { encodeTzsp } from '../../../src/packet/tzsp/encode.ts';
import { loadKey } from '../../../src/probe/key.ts';
import type { SentProbe } from '../../../src/probe/sent-probe.ts';
import { readToken } from '../../../src/probe/token.ts';
import { labObstacle, LAB_PACKAGES } from '../packages.ts';
import { startSuricata, SURICATA_7 } from '../suricata.ts';
import { until } from '../wait.ts';
import { RECEIVER, TARGET, TzspStage } from './stage.ts';
import { asLabRules } from '../written-rules.ts';

const NEEDED = new Set(['suricata', 'ip', 'ethtool', 'tcpdump']);
const obstacle = labObstacle(LAB_PACKAGES.filter((each) => NEEDED.has(each.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

const BIN = process.env['VARDE_BIN'] ?? join(PACKAGE_ROOT, 'bin', 'varde');
const DEADLINE_MS = 60_000;

test.skipIf(obstacle !== null)(
  title('Suricata 7 on dummy0 raises the heartbeat alert that a router streamed'),
  async () => {
    const on = new TzspStage();
    onTestFinished(() => on.close());
    const config = join(on.root, 'varde.yaml');
    const path = `{ name: lan, target: "${RECEIVER}", kinds: [icmp], send: elsewhere, interval_secs: 1 }`;
    writeFileSync(config, `data: ${join(on.root, 'data')}\nprobes:\n  paths:\n    - ${path}\n`);
    const rules = execFileSync(process.execPath, [BIN, 'probe', 'rules', '-c', config], { encoding: 'utf8' });

    // A probe as it passes the router, and what a router makes of it.
    const wire = await on.tap(on.wire.interface);
    const told = on.wire.run('attacker', [process.execPath, BIN, 'probe', '--once', '--json', '-c', config], {
      mayFail: true,
    });
    const probe = JSON.parse(told.split('\n')[0]!) as SentProbe;
    const isEcho = (frame: Buffer): boolean => frame.readUInt16BE(12) === 0x0800 && frame[23] === 1 && frame[34] === 8;
    const echo = await until('the probe is on the wire', () => wire.seen().find(isEcho), DEADLINE_MS);

    const sensor = await startSuricata({
      program: SURICATA_7,
      folder: join(on.root, 'suricata'),
      interface: TARGET,
      prefix: on.wire.prefix('home'),
      rules: asLabRules(rules),
    });
    onTestFinished(() => sensor.stop());
    await on.receive('--inject', TARGET);
    const alerts = (): string[] =>
      readFileSync(join(sensor.logs, 'eve.json'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"event_type":"alert"'));
    expect(alerts()).toEqual([]);

    await on.send([encodeTzsp({ frame: echo })]);

    const line = await until('the alert', () => alerts()[0], DEADLINE_MS);
    const key = loadKey(join(on.root, 'data', 'probe.key'), { create: false });
    expect(readToken(key, line)).toMatchObject({ kind: 'icmp', seq: probe.seq, sent: probe.sent });
    await sensor.stop();
    expect(alerts()).toHaveLength(1);
  },
);
