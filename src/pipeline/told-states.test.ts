import { expect, it } from 'vitest';
import type { SensorReport } from '../detect/heartbeat/report.ts';
import { observedStates } from './told-states.ts';

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
  const told = observedStates([sensor({ state: 'blind', message: 'No alert.' })], well, 5);
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
  const [told] = observedStates([sensor({ state: 'late', health: { stats_arrived: 1, problems } })], well, 5);
  expect(told).toMatchObject({ title: 'Sensor a is late', remedy: 'Give it a larger ring.' });
});

it('is silent on a sensor that nobody has heard of', () => {
  expect(observedStates([sensor({ state: 'unknown', chains: [] })], well, 5).map(({ key }) => key)).toEqual([
    'station',
  ]);
});
