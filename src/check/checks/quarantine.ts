import { judge, OK } from '../result.ts';
import { count } from '../words.ts';
import { STATUS, thresholds, type Check } from './check.ts';

/** Lines that could not be stored as events (-w, -c: how many). They are kept, not lost; each has its reason. */
export const quarantine: Check = {
  asks: [STATUS],
  judge([status], options) {
    const lines = status!.object('store').number('quarantined');
    const limits = thresholds(options, '0', '1000');
    const state = judge(lines, limits);
    return {
      state,
      text:
        lines === 0 ? 'every line that was read is stored as an event' : `${count(lines, 'line')} in the quarantine`,
      remedy: state === OK ? undefined : 'See varde quarantine list; after an update: varde quarantine retry.',
      perf: [{ label: 'lines', value: lines, unit: '', ...limits, min: 0 }],
      long: [],
    };
  },
};
