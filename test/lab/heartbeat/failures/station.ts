import { libfaketime } from '../../../pipeline/obstacles.ts';
import type { Failure } from '../failure.ts';

/** What goes wrong with the station and its machine. */
export const STATION: readonly Failure[] = [
  {
    name: 'station paused',
    hop: 'nobody',
    causes: [],
    make: ({ station }) => station.signal('SIGSTOP'),
    mend: ({ station }) => station.signal('SIGCONT'),
  },
  {
    name: 'store cannot write (disk full)',
    hop: 'stored',
    causes: ['store_waiting'],
    make: ({ dataDisk }) => dataDisk.fill(),
    mend: ({ dataDisk }) => dataDisk.empty(),
  },
  {
    name: 'clock 10 minutes off',
    hop: 'read',
    causes: ['clock_skew'],
    // Packets bear the kernel's time, so it is station and sender that get another one.
    make: (stage) =>
      stage.restartWithClock({ LD_PRELOAD: libfaketime()!, FAKETIME: '+10m', FAKETIME_DONT_FAKE_MONOTONIC: '1' }),
    mend: (stage) => stage.restartWithClock({}),
  },
];
