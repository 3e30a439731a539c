import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { HEARTBEAT_SID } from './rules.ts';

const FOLDER = new URL('recording/', import.meta.url);
const NAMES = ['day.eve.json.gz', 'day.fast.log.gz', 'day8.eve.json.gz'];

interface Event {
  timestamp: string;
  event_type: string;
  src_ip?: string;
  dest_ip?: string;
  alert?: { signature_id: number; severity: number; metadata?: Record<string, string[]> };
}

function lines(name: string): string[] {
  const text = gunzipSync(readFileSync(new URL(name, FOLDER))).toString('utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n');
}

function events(name: string): Event[] {
  return lines(name).map((line) => JSON.parse(line) as Event);
}

/** Documentation, private, link-local and group addresses, and the few that name nobody. */
const NOBODYS =
  /^(?:192\.168\.|10\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:0?db8:|224\.0\.0\.|255\.255\.255\.255$|0\.0\.0\.0$|fe80:|ff02:|2001:0000:c000:020)/;

test('the recording is small enough to be committed', () => {
  const bytes = NAMES.reduce((sum, name) => sum + statSync(new URL(name, FOLDER)).size, 0);
  expect(bytes).toBeLessThanOrEqual(3_000_000);
});

test.each(['day.eve.json.gz', 'day8.eve.json.gz'])('%s is of that day and of nobody who exists', (name) => {
  const all = events(name);
  expect(all.filter((event) => !/^2026-01-15T\d\d:\d\d:\d\d\.\d{6}\+0000$/.test(event.timestamp))).toEqual([]);
  const addresses = new Set(all.flatMap((event) => [event.src_ip ?? '192.0.2.0', event.dest_ip ?? '192.0.2.0']));
  expect([...addresses].filter((ip) => !NOBODYS.test(ip))).toEqual([]);
});

test('the day shows what a sensor can see', () => {
  const all = events('day.eve.json.gz');
  expect(all.length).toBeGreaterThanOrEqual(20_000);
  expect(new Set(all.map((event) => event.event_type)).size).toBeGreaterThanOrEqual(12);
  const own = new Set(
    all
      .flatMap((event) => [event.src_ip, event.dest_ip])
      .filter((ip) => /^(?:192\.168\.40|10\.20\.30)\.|^2001:0db8:0040:/.test(ip ?? '')),
  );
  expect(own.size).toBeGreaterThanOrEqual(40);
  const alerts = all.flatMap((event) => (event.alert === undefined ? [] : [event.alert]));
  expect(new Set(alerts.map((alert) => alert.signature_id)).size).toBeGreaterThanOrEqual(25);
  expect([...new Set(alerts.map((alert) => alert.severity))].sort()).toEqual([1, 2, 3, 4]);
  expect(alerts.some((alert) => alert.metadata?.['mitre_technique_id'] !== undefined)).toBe(true);
  expect(alerts.filter((alert) => alert.signature_id === HEARTBEAT_SID).length).toBeGreaterThanOrEqual(200);
  for (let hour = 0; hour < 24; hour += 1) {
    const flows = all.filter((event) => event.event_type === 'flow' && Number(event.timestamp.slice(11, 13)) === hour);
    expect(flows.length, `flows in hour ${hour}`).toBeGreaterThan(50);
  }
});

test('fast.log tells of the same alerts', () => {
  const alerts = events('day.eve.json.gz').filter((event) => event.alert !== undefined);
  expect(lines('day.fast.log.gz').length).toBe(alerts.length);
});
