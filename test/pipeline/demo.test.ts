import { expect, it } from 'vitest';
import { readRecording } from '../../src/cli/demo/recording.ts';
import { varde } from './daemon.ts';

interface Books {
  lines_read: number;
  events_stored: number;
  lines_quarantined: number;
  in_flight: number;
}

it('the demo accounts for every line of its recording and ends by itself', async () => {
  const { code, stdout, stderr } = await varde(['demo', '--once', '--json']);
  expect(code, stderr).toBe(0);
  const result = JSON.parse(stdout.toString()) as Books & {
    lines_written: number;
    complete: boolean;
    files: Books[];
    events_in_store: number;
  };
  const { lines_read, events_stored, lines_quarantined } = result;
  expect(result).toMatchObject({ lines_written: readRecording().length, in_flight: 0, complete: true });
  expect(lines_read).toBe(result.lines_written);
  expect(lines_read).toBe(events_stored + lines_quarantined);
  expect(result.events_in_store).toBe(events_stored);
  // One rename and one copytruncate on the way.
  expect(result.files).toHaveLength(3);
  for (const file of result.files) {
    expect(file.lines_read).toBeGreaterThan(0);
    expect(file.lines_read).toBe(file.events_stored + file.lines_quarantined + file.in_flight);
  }
  expect(result.files.reduce((sum, file) => sum + file.lines_read, 0)).toBe(lines_read);
});
