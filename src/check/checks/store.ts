import { CRITICAL, judge, OK, WARNING, worst } from '../result.ts';
import { bytes, span } from '../words.ts';
import { secondThresholds, STATUS, thresholds, type Check } from './check.ts';

/** Is what is read kept? Age of the newest event in seconds (-w, -c), free disk in percent, commits that wait, damaged parts. */
export const store: Check = {
  asks: [STATUS],
  judge([status], options) {
    const store = status!.object('store');
    const now = status!.number('now');
    const newest = store.numberOrNull('newest');
    // An event of the future (a clock that was wrong once) is not younger than now.
    const age = Math.max(0, (now - (newest === null ? status!.number('started') : newest / 1000)) / 1000);
    const disk = store.object('disk');
    const free = disk.number('total') > 0 ? (disk.number('free') / disk.number('total')) * 100 : null;
    const waiting = store.objectOrNull('waiting');
    const aside = store.list('set_aside').length;
    const ageLimits = thresholds(options, '300', '900');
    const diskLimits = secondThresholds(options, '10:', '5:');
    const state = worst([
      judge(age, ageLimits),
      judge(free, diskLimits),
      waiting === null ? OK : CRITICAL,
      aside > 0 ? WARNING : OK,
    ]);
    const parts = [
      waiting === null ? '' : `commits wait: ${waiting.text('message')}`,
      newest === null ? `no event yet, ${span(age)} after the start` : `newest event ${span(age)} old`,
      free === null ? '' : `${Math.round(free)} % of the disk free (${bytes(disk.number('free'))})`,
      aside > 0 ? `${aside} damaged segments set aside` : '',
    ];
    return {
      state,
      text: parts.filter((part) => part !== '').join(', '),
      remedy: state === OK ? undefined : 'See varde doctor: it names what is full, late or damaged.',
      perf: [
        { label: 'newest', value: age, unit: 's', ...ageLimits, min: 0 },
        { label: 'disk_free', value: free, unit: '%', ...diskLimits, min: 0, max: 100 },
        { label: 'events', value: store.number('events'), unit: '', min: 0 },
        { label: 'set_aside', value: aside, unit: '', min: 0 },
      ],
      long: [`folder ${store.text('folder')}`],
    };
  },
};
