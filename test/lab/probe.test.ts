import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/base/package-root.ts';
import { loadKey } from '../../src/probe/key.ts';
import type { ProbeKind, SentProbe } from '../../src/probe/sent-probe.ts';
import { pathTag, readToken } from '../../src/probe/token.ts';
import { makeWire, type Wire } from './netns.ts';
import { labObstacle, LAB_PACKAGES } from './packages.ts';
import { labEnvironment } from './program.ts';
import { startSuricata, SURICATA_7, type SuricataProgram } from './suricata.ts';
import { ensureSuricata8 } from './suricata8.ts';
import { until } from './wait.ts';
import { asLabRules } from './written-rules.ts';

const NEEDED = new Set(['suricata', 'ip', 'ethtool', 'nginx']);
const obstacle = labObstacle(LAB_PACKAGES.filter((it) => NEEDED.has(it.command)));
const title = (text: string): string => (obstacle === null ? text : `${text} (skipped: ${obstacle})`);

const BIN = process.env['VARDE_BIN'] ?? join(PACKAGE_ROOT, 'bin', 'varde');
const DEADLINE_MS = 60_000;
const KINDS: readonly ProbeKind[] = ['icmp', 'udp', 'dns', 'http', 'tls'];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'varde-probe-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A config with one path for each version of IP. */
function configOf(root: string, homeIp: string, homeIp6: string): string {
  const file = join(root, 'varde.yaml');
  const path = (name: string, target: string): string =>
    `{ name: ${name}, target: "${target}", kinds: [${KINDS.join(', ')}], send: elsewhere, interval_secs: 1 }`;
  writeFileSync(
    file,
    `data: ${join(root, 'data')}\nprobes:\n  paths:\n    - ${path('lan', homeIp)}\n    - ${path('lan6', homeIp6)}\n`,
  );
  return file;
}

function generatedRules(config: string): string {
  return execFileSync(process.execPath, [BIN, 'probe', 'rules', '-c', config], { encoding: 'utf8' });
}

/** Something must listen for the kinds that are TCP; what it answers is no matter. */
async function serve(wire: Wire, root: string): Promise<void> {
  const conf = join(root, 'nginx.conf');
  const listen = ['80', '443', '[::]:80', '[::]:443'].map((at) => `listen ${at};`).join(' ');
  writeFileSync(
    conf,
    `daemon off; pid ${root}/nginx.pid; error_log ${root}/nginx.log; events {} http { access_log off; server { ${listen} } }`,
  );
  wire.start('home', ['nginx', '-c', conf]);
  await until('nginx listens', () => wire.run('home', ['ss', '-lnt'], { mayFail: true }).includes(':443'), DEADLINE_MS);
}

function probe(wire: Wire, config: string, ...more: string[]): SentProbe[] {
  // Where it fails, the standard output comes as it is.
  const text = String(
    wire.run('attacker', [process.execPath, BIN, 'probe', '--once', '--json', '-c', config, ...more], {
      mayFail: true,
    }),
  );
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SentProbe);
}

interface Alert {
  src_ip: string;
  src_port?: number;
  dest_ip: string;
  dest_port?: number;
  alert: { signature: string };
}

const programs: [string, () => SuricataProgram | null][] = [
  ['7', () => SURICATA_7],
  ['8', ensureSuricata8],
];

test.skipIf(obstacle !== null).each(programs)(
  title('Suricata %s sees every kind over IPv4 and IPv6 and its line names the probe'),
  async (_, find) => {
    const program = find();
    expect(program).not.toBeNull();
    const root = folder();
    const wire = makeWire();
    onTestFinished(() => wire.close());
    await serve(wire, root);
    const config = configOf(root, wire.homeIp, wire.homeIp6);
    const sensor = await startSuricata({
      program: program!,
      folder: root,
      interface: wire.interface,
      prefix: wire.prefix('home'),
      rules: asLabRules(generatedRules(config)),
    });
    onTestFinished(() => sensor.stop());

    const sent = probe(wire, config);
    expect(sent.map(({ path, kind }) => `${path} ${kind}`).sort()).toEqual(
      ['lan', 'lan6'].flatMap((path) => KINDS.map((kind) => `${path} ${kind}`)).sort(),
    );
    expect(sent.map(({ error, answered_ms }) => [error, answered_ms === null])).toEqual(sent.map(() => [null, false]));

    const key = loadKey(join(root, 'data', 'probe.key'), { create: false });
    for (const it of sent) {
      const line = await until(
        `the alert of ${it.path} ${it.kind}`,
        () =>
          alertLines(sensor.logs).find((text) => {
            const token = readToken(key, text);
            return token?.pathTag === pathTag(it.path) && token.kind === it.kind && token.seq === it.seq;
          }),
        DEADLINE_MS,
      );
      const event = JSON.parse(line) as Alert;
      expect(event.alert.signature).toBe(`VARDE heartbeat ${it.path} ${it.kind}`);
      expect(readToken(key, line)?.sent).toBe(it.sent);
      // What is always there, also where no payload is logged.
      expect(expanded(event.src_ip)).toBe(expanded(it.source_ip ?? ''));
      expect(expanded(event.dest_ip)).toBe(expanded(it.destination_ip));
      if (it.kind !== 'icmp') expect([event.src_port, event.dest_port]).toEqual([it.source_port, it.destination_port]);
    }
    // Each probe alerts once: neither its answer nor the rule of another path does.
    await sensor.stop();
    expect(alertLines(sensor.logs)).toHaveLength(sent.length);
  },
);

test.skipIf(obstacle !== null)(title('what cannot reach the wire says why'), async () => {
  const root = folder();
  const wire = makeWire();
  onTestFinished(() => wire.close());
  mkdirSync(join(root, 'data'));
  const config = join(root, 'varde.yaml');
  writeFileSync(config, `data: ${join(root, 'data')}\n`);
  const errors = (...more: string[]): (string | null)[] =>
    probe(wire, config, '--kind', 'icmp,udp,http', ...more).map(({ error }) => error);
  expect(errors('--target', '192.168.40.99')).toEqual(['arp_unanswered', 'arp_unanswered', 'arp_unanswered']);
  expect(errors('--target', '2001:db8:40:1::99')).toEqual(['arp_unanswered', 'arp_unanswered', 'arp_unanswered']);
  expect(errors('--target', '198.51.100.9')).toEqual(['ENETUNREACH', 'ENETUNREACH', 'ENETUNREACH']);
  expect(errors('--target', wire.homeIp, '--interface', 'nowhere0')).toEqual(['ENODEV', 'ENODEV', 'ENODEV']);
  wire.run('attacker', ['ip', 'route', 'add', 'prohibit', '198.51.100.10/32']);
  expect(errors('--target', '198.51.100.10')).toEqual(['EACCES', 'EACCES', 'EACCES']);
  wire.run('home', ['ip', 'link', 'set', wire.interface, 'down']);
  expect(errors('--target', wire.homeIp).every((error) => error !== null)).toBe(true);
});

function expanded(address: string): string {
  return address.includes(':') ? new URL(`http://[${address}]`).hostname : address;
}

function alertLines(logs: string): string[] {
  const lines = readFileSync(join(logs, 'eve.json'), 'utf8').split('\n');
  return lines.filter((line) => line.includes('"event_type":"alert"') && line.endsWith('}'));
}

test.skipIf(obstacle !== null).each(programs)(
  title('Suricata %s takes the rules without a word (suricata -T)'),
  (_, find) => {
    const program = find();
    expect(program).not.toBeNull();
    const root = folder();
    const rules = join(root, 'probe.rules');
    writeFileSync(rules, generatedRules(configOf(root, '192.0.2.10', '2001:db8::10')));
    const said = testRules(program!, root, rules);
    expect(said).toMatch(/10 rules successfully loaded, 0 rules failed/);
    expect(said).not.toMatch(/error|warning/i);
    // It can fail: a broken rule is told.
    writeFileSync(rules, 'alert dns any any -> any any (msg:"x"; dns.query; content:"a"; nonsense; sid:1;)\n');
    expect(testRules(program!, root, rules)).toMatch(/1 rules failed|error/i);
  },
);

function testRules(program: SuricataProgram, root: string, rules: string): string {
  const yaml = join(root, 'suricata.yaml');
  const protocols = ['tls', 'http'].map((name) => `    ${name}: { enabled: yes }`).join('\n');
  writeFileSync(
    yaml,
    `%YAML 1.1\n---\nvars: { address-groups: { HOME_NET: any, EXTERNAL_NET: any } }\nclassification-file: ${program.etc}/classification.config\nreference-config-file: ${program.etc}/reference.config\nlogging: { outputs: [ { console: { enabled: yes } } ] }\nunix-command: { enabled: no }\nstats: { enabled: no }\napp-layer:\n  protocols:\n    dns: { udp: { enabled: yes, detection-ports: { dp: 53 } }, tcp: { enabled: yes, detection-ports: { dp: 53 } } }\n${protocols}\n`,
  );
  const [command = '', ...args] = program.command;
  const test = [...args, '-T', '-v', '-c', yaml, '-S', rules, '-l', root];
  try {
    return execFileSync('sh', ['-c', '"$@" 2>&1', 'sh', command, ...test], { encoding: 'utf8', env: labEnvironment() });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
}
