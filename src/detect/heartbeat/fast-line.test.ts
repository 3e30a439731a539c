import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readFastLine } from '../../parse/suricata-fast/line.ts';
import { readFastSighting } from './fast-line.ts';

const LINE =
  '11/24/2026-02:26:05.818575  [**] [1:5100000:1] PROTOCOL-ICMP Heartbeat ping [**] [Classification: Misc activity] [Priority: 3] {ICMP} 192.0.2.1:8 -> 192.0.2.2:0';

it('reads the line of a heartbeat', () => {
  const local = new Date(2026, 10, 24, 2, 26, 5).getTime() + 818.575;
  expect(readFastSighting(LINE)).toEqual({
    sid: 5_100_000,
    time: local,
    message: 'PROTOCOL-ICMP Heartbeat ping',
    protocol: 'ICMP',
    source_ip: '192.0.2.1',
    source_port: 8,
    destination_ip: '192.0.2.2',
    destination_port: 0,
  });
  expect(readFastSighting(`${LINE}\r`)).not.toBeNull();
});

it.each([
  '',
  'x',
  LINE.slice(0, 80),
  LINE.replace('[**] [1:', '[**] [x:'),
  LINE.replace('192.0.2.1', '192.0.2.999'),
  LINE.replace('11/24', '13/44'),
  LINE.replace('Heartbeat', 'x'.repeat(5000)),
  `${LINE.slice(0, 60)} {ICMP} 192.0.2.1:8 -> 192.0.2.2:0`,
])('refuses what is no such line: %#', (line) => {
  expect(readFastSighting(line)).toBeNull();
});

it('takes the rule’s words for words, whatever they say', () => {
  const line = LINE.replace('Heartbeat ping', '[**] [1:1:1] {TCP} 1.1.1.1:1 -> 2.2.2.2:2');
  expect(readFastSighting(line)).toMatchObject({ sid: 5_100_000, source_ip: '192.0.2.1' });
});

it('agrees with the parser of fast.log on a recorded day', ({ skip }) => {
  const path = new URL('../../../test/lab/recording/day.fast.log.gz', import.meta.url);
  if (!existsSync(path)) skip('the recording is not there');
  const lines = gunzipSync(readFileSync(path)).toString('latin1').split('\n').slice(0, -1);
  let both = 0;
  for (const line of lines) {
    const parsed = readFastLine(line);
    const sighting = readFastSighting(line);
    if ('code' in parsed || parsed.source === null) {
      expect(sighting, line).toBeNull();
      continue;
    }
    both++;
    expect(sighting, line).toMatchObject({ sid: parsed.sid, time: parsed.micros / 1000, message: parsed.signature });
  }
  expect(both).toBeGreaterThan(200);
});
