import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { varde } from '../pipeline/daemon.ts';
import { makePlace } from '../pipeline/place.ts';
import { broken } from './day/broken.ts';
import { clock, SECOND } from './day/rhythm.ts';
import { zoo } from './day/zoo.ts';
import { byTime, writePcap } from './pcap/file.ts';
import { seeded } from './pcap/random.ts';
import { labObstacle, LAB_PACKAGES } from './packages.ts';
import { makeIngredients } from './recorded.ts';
import { readWithSuricata } from './suricata.ts';
import { ensureSuricata8, versionOf } from './suricata8.ts';

const obstacle = labObstacle(LAB_PACKAGES.filter((it) => it.command === 'mmdebstrap'));

test.skipIf(obstacle !== null)(
  `what Suricata 8 writes about every protocol of the lab imports${obstacle === null ? '' : ` (skipped: ${obstacle})`}`,
  async () => {
    const program = ensureSuricata8();
    expect(program).not.toBeNull();
    expect(versionOf(program!)).toMatch(/^8\./);
    const folder = mkdtempSync(join(tmpdir(), 'varde-lab-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const pcap = join(folder, 'small.pcap');
    const random = seeded('suricata 8');
    writeFileSync(
      pcap,
      writePcap(byTime([...zoo(clock('09:00'), 20 * SECOND, random, await makeIngredients()), ...broken(random)])),
    );
    const eve = join(await readWithSuricata({ program: program!, folder, everything: true }, pcap), 'eve.json');
    const lines = readFileSync(eve, 'utf8').split('\n').filter(Boolean);
    const types = new Set(lines.map((line) => (JSON.parse(line) as { event_type: string }).event_type));
    for (const type of ['arp', 'mdns', 'ldap', 'pop3', 'websocket', 'quic', 'dns', 'alert'])
      expect(types).toContain(type);

    const place = makePlace();
    const imported = await varde(['import', eve, '--data', place.data, '--json']);
    expect(imported.code, imported.stderr).toBe(0);
    const books = JSON.parse(imported.stdout.toString().trim().split('\n').at(-1)!) as Record<string, number>;
    expect(books).toMatchObject({ lines_read: lines.length, events_stored: lines.length, lines_quarantined: 0 });
    const raw = await varde(['query', '*', '--data', place.data, '--raw', '--limit', '0']);
    expect(raw.stdout.toString().split('\n').filter(Boolean).sort()).toEqual(lines.sort());
  },
);
