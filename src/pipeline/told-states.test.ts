import { expect, it } from 'vitest';
import type { SensorReport } from '../detect/heartbeat/report.ts';
import { ToldStates } from './told-states.ts';

const well = { state: 'alive' as const, reason: 'All is well.' };
const chain = { state: 'blind', hop: 'alerted', message: 'No alert.', remedy: 'Load the rule.' };
const sensor = (changes: object): SensorReport =>
  ({
    name: 'a',
    state: 'alive',
    message: 'fine',
    chains: [chain],
    health: { stats_arrived: null, problems: [] },
    ...changes,
  }) as unknown as SensorReport;

it('tells of each sensor with the hop, and of the station itself', () => {
  const told = new ToldStates().conditions([sensor({ state: 'blind', message: 'No alert.' })], well, 5);
  expect(told).toEqual([
    {
      key: 'sensor:a',
      state: 'blind',
      title: 'Sensor a is blind (hop alerted)',
      message: 'No alert.',
      remedy: 'Load the rule.',
      time: 5,
    },
    { key: 'station', state: 'alive', title: 'Station is alive', message: 'All is well.', remedy: '', time: 5 },
  ]);
});

it('takes the remedy from the health where no heartbeat is at fault', () => {
  const problems = [{ code: 'x', message: 'm', remedy: 'Give it a larger ring.' }];
  const [told] = new ToldStates().conditions(
    [sensor({ state: 'late', health: { stats_arrived: 1, problems } })],
    well,
    5,
  );
  expect(told).toMatchObject({ title: 'Sensor a is late', remedy: 'Give it a larger ring.' });
});

it('knows since when', () => {
  const states = new ToldStates();
  const at = (state: string, now: number) => states.conditions([sensor({ state })], well, now)[0]!.time;
  expect([at('blind', 1), at('blind', 2), at('alive', 3), at('alive', 4), at('blind', 5)]).toEqual([1, 1, 3, 3, 5]);
});

it('notices a reload of the rules, once', () => {
  const states = new ToldStates();
  const at = (last_reload: number | null) => states.reloaded([sensor({ health: { last_reload } })]);
  expect([null, 5, 5, null, 9, 9].map(at)).toEqual([[], [], [], [], ['sensor:a'], []]);
});

it('is silent on a sensor that nobody has heard of', () => {
  expect(
    new ToldStates().conditions([sensor({ state: 'unknown', chains: [] })], well, 5).map(({ key }) => key),
  ).toEqual(['station']);
  // Its statistics are read, but no probe is sent: it will be unknown for ever.
  const heard = sensor({ state: 'unknown', chains: [], health: { stats_arrived: 1, problems: [] } });
  expect(new ToldStates().conditions([heard], well, 5).map(({ key }) => key)).toEqual(['station']);
});
