import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SIDS, parseOptions, type Options } from './options.ts';

const options = (...words: string[]): Options => {
  const parsed = parseOptions(words);
  if (!('options' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.options;
};

describe('options of a check', () => {
  it('reads short and long options in all ways of getopt', () => {
    for (const words of [
      ['heartbeat', '-w', '-5:5', '-c', '@10:20', '-t', '2.5', '-vv'],
      ['-w-5:5', '-c@10:20', '-t2.5', '-v', '-v', 'heartbeat'],
      ['--warning=-5:5', '--critical', '@10:20', '--timeout=2.5', 'heartbeat', '--verbose', '--verbose'],
    ]) {
      expect(options(...words)).toMatchObject({
        name: 'heartbeat',
        warning: { start: -5, end: 5 },
        critical: { inside: true },
        timeoutSecs: 2.5,
        verbose: 2,
      });
    }
  });

  it('reads what to look at', () => {
    expect(options('heartbeat', '--eve=/e', '--sid', '1,5-7', '--key', '/k').sids).toEqual([
      [1, 1],
      [5, 7],
    ]);
    expect(options('heartbeat').sids).toBe(DEFAULT_SIDS);
    expect(options('store', '-H', '127.0.0.1', '-p', '9000')).toMatchObject({ host: '127.0.0.1', port: 9000 });
  });

  it.each([
    [[], 'name a check'],
    [['nothing'], 'no check "nothing"'],
    [['heartbeat', 'store'], 'no check'],
    [['heartbeat', '--wrong'], 'no option'],
    [['heartbeat', '-x'], 'no option'],
    [['heartbeat', '-w'], 'wants a value'],
    [['heartbeat', '-w', '20:10'], 'no range'],
    [['heartbeat', '-t', '0'], 'no time limit'],
    [['heartbeat', '-t', '1e9'], 'no time limit'],
    [['heartbeat', '-p', '70000'], 'no port'],
    [['all', '-w', '5'], 'takes no thresholds'],
    [['store', '--eve', '/e'], 'go with the check heartbeat'],
    [['heartbeat', '--eve', '/e', '--fast-log', '/f'], 'not both'],
    [['heartbeat', '--fast-log', '/f', '--key', '/k'], 'goes with --eve'],
    [['heartbeat', '--icinga', 'https://x'], '--icinga-service'],
    [['heartbeat', '--sid', '5-1'], 'no list of sids'],
    [['heartbeat', '--sid', '1,,2'], 'no list of sids'],
    [['capture', '--formula', 'x'], '--formula'],
  ])('says what is wrong with %j', (words, said) => {
    const parsed = parseOptions(words);
    expect('wrong' in parsed ? parsed.wrong : parsed).toContain(said);
  });

  it('gives help and version before anything else is looked at', () => {
    expect(parseOptions(['-h'])).toEqual({ help: true });
    expect(parseOptions(['heartbeat', '--version'])).toEqual({ version: true });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('-w', '--sid', '-', '--', '-v', 'all'))), (words) => {
        parseOptions(words);
      }),
    );
  });
});
