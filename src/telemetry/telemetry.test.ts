import { describe, expect, it } from 'vitest';
import { VardeError } from '../base/errors.ts';
import { EVENTS } from './event-list.ts';
import { METRICS } from './metric-list.ts';
import { renderTelemetryReference } from './reference.ts';
import { MAX_LOGGED_PER_MINUTE, createTelemetry, type TelemetryOptions } from './telemetry.ts';

function lab(options: Partial<TelemetryOptions> = {}) {
  const written: string[] = [];
  const telemetry = createTelemetry({
    stream: { write: (text: string) => written.push(text) },
    level: 'info',
    tty: false,
    color: false,
    ...options,
  });
  return { ...telemetry, written, records: () => written.map((text) => JSON.parse(text) as Record<string, unknown>) };
}

describe('emit', () => {
  it('logs once and counts once', () => {
    const { emit, metrics, records } = lab();
    emit(EVENTS.segment_set_aside, { segment: 's1.parquet', reason: 'bad magic' });
    expect(records()).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        level: 'error',
        message: EVENTS.segment_set_aside.message,
        event: 'segment_set_aside',
        segment: 's1.parquet',
        reason: 'bad magic',
      },
    ]);
    expect(metrics.value(METRICS.telemetry, { event: 'segment_set_aside', code: '' })).toBe(1);
  });

  it('counts by error code and shows the error', () => {
    const { emit, metrics, records } = lab();
    const error = new VardeError('store_full', 'no room', { cause: new Error('ENOSPC') });
    emit(EVENTS.request_failed, { route: '/api/top', code: error.code, error });
    expect(metrics.value(METRICS.telemetry, { event: 'request_failed', code: 'store_full' })).toBe(1);
    expect(records()[0]!.error).toEqual({ message: 'no room', code: 'store_full', cause: 'ENOSPC' });
  });

  it('observes what an event measured', () => {
    const { emit, metrics } = lab();
    emit(EVENTS.batch_committed, { rows: 1, quarantined: 0, bytes: 2, took_ms: 250 });
    expect(metrics.value(METRICS.store_commit_duration)).toBe(1);
    expect(metrics.render()).toContain('varde_store_commit_duration_seconds_sum 0.25\n');
  });

  it('counts what is below the level without logging it', () => {
    const { emit, metrics, written } = lab();
    emit(EVENTS.file_finished, { source: 's', path: 'p' });
    expect(written).toEqual([]);
    expect(metrics.value(METRICS.telemetry, { event: 'file_finished', code: '' })).toBe(1);
  });

  it('does not flood: counts all, logs some, and says how many were left out', () => {
    let now = 0;
    const { emit, metrics, records } = lab({ now: () => now });
    const fields = { source: 's', path: 'p', count: 1, reason: 'not_json' };
    for (let i = 0; i < MAX_LOGGED_PER_MINUTE + 30; i++) emit(EVENTS.lines_quarantined, fields);
    now = 60_000;
    emit(EVENTS.lines_quarantined, fields);
    expect(records()).toHaveLength(MAX_LOGGED_PER_MINUTE + 1);
    expect(records().at(-1)!.suppressed).toBe(30);
    expect(metrics.value(METRICS.telemetry, { event: 'lines_quarantined', code: '' })).toBe(MAX_LOGGED_PER_MINUTE + 31);
  });

  it('knows events by name, and logs unknown names too', () => {
    const { emitByName, records } = lab({ level: 'debug' });
    emitByName('segment_removed', { segment: 'a', rows: 1, reason: 'age' });
    emitByName('toString', { x: 1 });
    expect(records().map((r) => [r.event, r.what, r.x])).toEqual([
      ['segment_removed', undefined, undefined],
      ['store_noted', 'toString', 1],
    ]);
  });
});

describe('log', () => {
  it('writes one line per record, whatever is in it', () => {
    const { log, written } = lab();
    const deep: Record<string, unknown> = {};
    let at = deep;
    for (let i = 0; i < 20_000; i++) at = at.x = {};
    log.info('100 %s\n\u001B[31m', {
      text: 'a\nb\u2028',
      big: 2n ** 64n,
      deep,
      long: 'x'.repeat(1e6),
      level: 'mine',
      ['__proto__']: 1,
      error: new TypeError('t\nu'),
    });
    expect(written).toHaveLength(1);
    expect(written[0]!.length).toBeLessThan(20_000);
    expect(written[0]!.indexOf('\n')).toBe(written[0]!.length - 1);
    const record = JSON.parse(written[0]!) as Record<string, unknown>;
    expect(record).toMatchObject({
      message: '100 %s\n\u001B[31m',
      big: '18446744073709551616',
      level: 'info',
      level_: 'mine',
    });
    expect(written[0]).not.toContain('\u001B');
  });

  it('obeys the level and its change', () => {
    const { log, written } = lab({ level: 'warn' });
    log.info('no');
    log.setLevel('debug');
    log.debug('yes');
    log.setLevel('silent');
    log.error('no');
    expect(written).toHaveLength(1);
  });

  it('is short text on a terminal, control characters visible', () => {
    const { emit, log, written } = lab({ tty: true });
    emit(EVENTS.file_unreadable, {
      source: 'file_tail:0',
      path: '/var/log/\u001B]0;owned\u0007\n\u202Ex',
      error: new Error('EACCES'),
    });
    log.warn('two words', { a: 'two words', n: 3 });
    expect(written[0]).toMatch(
      /^\d\d:\d\d:\d\d WARN {2}A file may not be read\. source=file_tail:0 path=\/var\/log\/␛]0;owned␇␊<U\+202E>x error=EACCES\n$/,
    );
    expect(written[0]).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/);
    expect(written[1]).toMatch(/WARN {2}two words a="two words" n=3\n$/);
  });

  it('colours the level only where wanted', () => {
    const { log, written } = lab({ tty: true, color: true });
    log.error('x');
    expect(written[0]).toContain('\u001B[31mERROR\u001B[0m x');
  });
});

describe('the list of events', () => {
  it('has stable names and whole sentences', () => {
    for (const [key, event] of Object.entries(EVENTS)) {
      expect(event.name).toBe(key);
      expect(key).toMatch(/^[a-z]+(?:_[a-z]+)+$/);
      expect(event.message).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('stands in the reference page, as do the metrics', () => {
    const page = renderTelemetryReference();
    for (const { name } of [...Object.values(EVENTS), ...Object.values(METRICS)])
      expect(page).toContain(`| \`${name}\` |`);
    for (const row of page.split('\n').filter((line) => line.startsWith('| `')))
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(5);
  });
});
