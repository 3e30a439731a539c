import { describe, expect, it } from 'vitest';
import { VardeError } from '../base/errors.ts';
import { parseConfig } from './load.ts';

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
    f('dta: /x\n', 'v.yaml:1:1: unknown key "dta"; did you mean "data"?');
    f('web:\n  port: 70000\n', 'v.yaml:2:9: web.port: ');
    f('sources:\n  - type: file_tail\n    parser: suricata-eve\n    paths: []\n', 'v.yaml:4:12: sources.0.paths: ');
    f('sources:\n  - type: file_tail\n    parser: nope\n    paths: [a]\n', 'v.yaml:3:13: sources.0.parser: ');
    f('sources:\n  - type: file_tail\n    paths: [a]\n', 'v.yaml:2:5: sources.0.parser: ');
    f('web: [\n', 'v.yaml:2:1: ');
    f('data: a\ndata: b\n', 'v.yaml:2:1: ');
    f('store:\n  fresh: 1\n', 'v.yaml:2:3: unknown key "fresh" in store');
  });
});
