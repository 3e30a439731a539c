import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Daemon, untilCommitted, varde } from './daemon.ts';
import { splitLines } from './ledger.ts';
import { makePlace } from './place.ts';

/** What an attacker puts into a host name, an agent, a file name. */
const PAYLOADS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '\u001b[2J\u001b[31mred\u001b]0;title\u0007',
  '\u009b31m\u0085\u008d',
  '__proto__',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '\tindented',
  '\rback',
  'a\u202egnp.exe',
  '\u2066isolated',
  'two\nlines',
  'quoted "comma", here',
  '\u0000nul',
  'x'.repeat(100_000),
];

const lines = PAYLOADS.map((payload, i) =>
  JSON.stringify({
    timestamp: `2026-11-24T02:26:${String(i).padStart(2, '0')}.000000+0000`,
    event_type: 'http',
    src_ip: '192.0.2.1',
    dest_ip: '192.0.2.2',
    http: { hostname: payload, url: `/${payload}`, http_user_agent: payload, http_method: payload },
    alert: { signature: payload, signature_id: i, severity: 1 },
  }),
);

/** C0 (but the newline that ends a row), DEL and C1. */
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
const BIDI = /[\u202a-\u202e\u2066-\u2069]/;

it('prints a hostile corpus without control codes, live formulas or a changed byte', async () => {
  const place = makePlace();
  writeFileSync(place.eve, `${lines.join('\n')}\n`);
  const daemon = await Daemon.ready(place);
  await untilCommitted(place, lines.length);
  const columns = 'event.action,url.domain,url.path,user_agent.original,http.request.method,rule.name';
  const ask = async (...args: string[]): Promise<string> => {
    const ended = await varde(['query', '*', '--limit', '0', '--oldest-first', '--data', place.data, ...args]);
    expect(ended.code, ended.stderr).toBe(0);
    return ended.stdout.toString('utf8');
  };
  for (const beside of [true, false]) {
    if (!beside) await daemon.stop();
    const table = await ask('--table', '--columns', columns);
    expect(CONTROLS.exec(table)?.[0]).toBeUndefined();
    expect(BIDI.exec(table)?.[0]).toBeUndefined();
    expect(table.split('\n').length).toBeGreaterThan(lines.length);

    const csv = await ask('--csv', '--columns', columns);
    const cells = csvCells(csv);
    expect(cells.length).toBe((lines.length + 1) * columns.split(',').length);
    for (const cell of cells) expect(cell).not.toMatch(/^[=+\-@\t\r]/);

    expect(splitLines(Buffer.from(await ask('--raw'))).map(String)).toEqual(lines);

    for (const line of splitLines(Buffer.from(await ask('--json')))) {
      expect(CONTROLS.test(line.toString().replaceAll('\n', ''))).toBe(false);
      JSON.parse(line.toString());
    }
  }
});

it('names what is wrong in an expression without echoing control codes', async () => {
  const place = makePlace();
  writeFileSync(place.eve, `${lines[0]}\n`);
  const daemon = await Daemon.ready(place);
  const ended = await varde(['query', 'event_type:"\u001b[2J\u009b31m', '--data', place.data]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('[query_syntax]');
  expect(CONTROLS.exec(ended.stderr)?.[0]).toBeUndefined();
  await daemon.stop();
});

/** Cells of RFC 4180 text, unquoted. */
function csvCells(text: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at < text.length;) {
    if (text[at] === '"') {
      let end = at + 1;
      let cell = '';
      for (;;) {
        const quote = text.indexOf('"', end);
        cell += text.slice(end, quote);
        if (text[quote + 1] !== '"') {
          at = quote + 1;
          break;
        }
        cell += '"';
        end = quote + 2;
      }
      cells.push(cell);
    } else {
      const end = text.slice(at).search(/[,\r\n]/);
      cells.push(text.slice(at, end === -1 ? undefined : at + end));
      at = end === -1 ? text.length : at + end;
    }
    // The separator: a comma, or the end of the row.
    if (text[at] === ',') at++;
    else while (text[at] === '\r' || text[at] === '\n') at++;
  }
  return cells;
}
