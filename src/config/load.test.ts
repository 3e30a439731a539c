import { describe, expect, it } from 'vitest';
import { VardeError } from '../base/errors.ts';
import { PROBE_KINDS } from '../probe/sent-probe.ts';
import { parseConfig } from './load.ts';
import { configSchema } from './schema.ts';

function defects(text: string): string {
  try {
    parseConfig(text, 'v.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(VardeError);
    return (error as VardeError).message;
  }
  return '';
}

describe('config', () => {
  it('takes the smallest file of the README', () => {
    const config = parseConfig(
      `data: /var/lib/varde
sources:
  - type: file_tail
    parser: suricata-eve
    paths: ['/var/log/suricata/eve.json*']
web:
  port: 8765        # 0 = any free port, printed
`,
      'v.yaml',
    );
    expect(config.sources[0]).toMatchObject({ type: 'file_tail', start: 'head', poll_interval_ms: 500 });
    expect(config.web).toEqual({ enabled: true, host: '127.0.0.1', port: 8765 });
    expect(config.store.flush_to_disk_secs).toBe(300);
  });

  it('an empty file is the default config', () => {
    expect(parseConfig('', 'v.yaml').sources).toEqual([]);
    expect(parseConfig('# only a comment\n', 'v.yaml').web.port).toBe(8765);
  });

  it('names line and column of each defect', () => {
    const f = (text: string, expected: string) => expect(defects(text)).toContain(expected);
    f('web:\n  prot: 1\n', 'v.yaml:2:3: unknown key "prot" in web; did you mean "port"?');
    f('web:\n  host: 0.0.0.0\n', 'v.yaml:2:9: web.host: may only be loopback');
    f('dta: /x\n', 'v.yaml:1:1: unknown key "dta"; did you mean "data"?');
    f('web:\n  port: 70000\n', 'v.yaml:2:9: web.port: ');
    f('sources:\n  - type: file_tail\n    parser: suricata-eve\n    paths: []\n', 'v.yaml:4:12: sources.0.paths: ');
    f('sources:\n  - type: file_tail\n    parser: nope\n    paths: [a]\n', 'v.yaml:3:13: sources.0.parser: ');
    f('sources:\n  - type: file_tail\n    paths: [a]\n', 'v.yaml:2:5: sources.0.parser: ');
    f('web: [\n', 'v.yaml:2:1: ');
    f('data: a\ndata: b\n', 'v.yaml:2:1: ');
    f('store:\n  fresh: 1\n', 'v.yaml:2:3: unknown key "fresh" in store');
    f(
      'probes:\n  paths:\n    - name: a\n      targt: b\n',
      'v.yaml:4:7: unknown key "targt" in probes.paths.0; did you mean "target"?',
    );
    f('sensors:\n  - nam: a\n', 'did you mean "name"?');
    f(
      'notify:\n  channels:\n    - type: ntfy\n      name: a\n      url: https://a.example\n      topik: x\n',
      'did you mean "topic"?',
    );
  });

  it('takes no password in the address of a channel', () => {
    const config = (url: string): string =>
      `notify:\n  channels:\n    - type: webhook\n      name: a\n      url: ${url}\n`;
    expect(() => parseConfig(config('https://me:secret@a.example'), 'v.yaml')).toThrow(
      'must not hold a user or password',
    );
    expect(() => parseConfig(config('nonsense'), 'v.yaml')).toThrow('must be an http or https address');
    expect(() => parseConfig(config('https://a.example/?to=me@b'), 'v.yaml')).not.toThrow();
  });

  it('fills in what a heartbeat needs', () => {
    const { probes, sensors, notify } = parseConfig(
      'probes:\n  paths:\n    - name: lan\n      target: 192.0.2.10\n',
      'v.yaml',
    );
    expect(probes).toMatchObject({ sid_base: 5_100_001, home_net: 'any' });
    expect(probes.paths[0]).toMatchObject({ sensor: 'sensor', kinds: ['icmp'], interval_secs: 60, send: 'station' });
    expect([sensors, notify]).toEqual([[], { channels: [], reminder_secs: 3600, flap_secs: 60, grace_secs: 120 }]);
    expect(Object.keys(configSchema.shape.probes.unwrap().shape.paths.unwrap().element.shape)).toContain('dns_port');
  });

  it('knows the kinds of probes', () => {
    const path = `probes:\n  paths:\n    - name: lan\n      target: a.example\n      kinds: [${PROBE_KINDS.join(', ')}]\n`;
    expect(parseConfig(path, 'v.yaml').probes.paths[0]!.kinds).toEqual(PROBE_KINDS);
  });

  it('takes no name twice and no name of nothing', () => {
    const f = (text: string, expected: string) => expect(defects(text)).toContain(expected);
    const path = (more: string) => `probes:\n  paths:\n    - name: lan\n      target: 192.0.2.10\n${more}`;
    f(
      path('    - name: lan\n      target: ::1\n'),
      'v.yaml:5:13: probes.paths.1.name: is the name of another path too',
    );
    f(path('      sensor: b\n'), 'v.yaml:5:15: probes.paths.0.sensor: no sensor has this name (there is sensor)');
    f(path('      vlan: 7\n'), 'needs interface');
    f(path('      kinds: [icmp, icmp]\n'), 'names a kind twice');
    f('sensors:\n  - sources: [0]\n', 'v.yaml:2:15: sensors.0.sources.0: no source');
    f('sensors:\n  - name: a\n  - name: a\n', 'v.yaml:3:11: sensors.1.name: is the name of another sensor too');
  });

  it.each(['-rf', 'a b', 'a\nb', '$(id)', '', 'a;b', '../x', 'x'.repeat(300)])('no host is called %j', (target) => {
    expect(defects(`probes:\n  paths:\n    - name: lan\n      target: ${JSON.stringify(target)}\n`)).toContain(
      'probes.paths.0.target',
    );
  });

  it.each(['192.0.2.1', '2001:db8::1', '::1', 'fe80::1%eth0', 'router', 'a.b-c.example'])(
    '%s is a target',
    (target) => {
      expect(defects(`probes:\n  paths:\n    - name: lan\n      target: "${target}"\n`)).toBe('');
    },
  );
});
