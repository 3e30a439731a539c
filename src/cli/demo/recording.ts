import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PACKAGE_ROOT } from '../../base/package-root.ts';

/** One recorded line and its time, microseconds since the epoch. */
export interface RecordedLine {
  text: string;
  ts: number;
}

/** The recorded sensor day of our own lab (test/lab/recording/README.md says how it is made), in the order Suricata wrote it. */
export function readRecording(): RecordedLine[] {
  const path = join(PACKAGE_ROOT, 'test', 'lab', 'recording', 'day.eve.json.gz');
  return gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((text) => ({ text, ts: stampOf(text) }));
}

function stampOf(line: string): number {
  const stamp = /"timestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})\+0000"/.exec(line);
  return stamp === null ? 0 : Date.parse(`${stamp[1]}Z`) * 1000 + Number(stamp[2]);
}

/** Every time of the line (event, flow start and end …) moved by the same amount, microseconds. */
export function shiftLine(line: string, by: number): string {
  return line.replace(/"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})\+0000"/g, (_, seconds: string, fraction: string) => {
    return `"${formatStamp(Date.parse(`${seconds}Z`) * 1000 + Number(fraction) + by)}"`;
  });
}

/** Suricata's own format: microseconds and an offset without a colon. */
export function formatStamp(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros - seconds * 1_000_000).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}+0000`;
}
