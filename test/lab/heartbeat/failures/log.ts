import { chmodSync } from 'node:fs';
import type { Failure } from '../failure.ts';
import { ensureSuricata8 } from '../../suricata8.ts';

/** What goes wrong between an alert and its reading. */
export const LOG: readonly Failure[] = [
  {
    name: 'eve output disabled',
    hop: 'alerted',
    causes: ['eve_off'],
    make: ({ sensor }) => sensor.restart({ eve: 'off' }),
    mend: ({ sensor }) => sensor.restart(),
  },
  {
    name: 'eve buffered (Suricata 8)',
    hop: 'alerted',
    // Until the first lump comes, nothing does.
    causes: ['eve_buffered', 'eve_off'],
    make({ sensor }) {
      const program = ensureSuricata8();
      if (program === null) throw new Error('Suricata 8 cannot be had here');
      return sensor.restart({ program, eve: 'buffered' });
    },
    mend: ({ sensor }) => sensor.restart(),
  },
  {
    name: 'log folder full',
    hop: 'alerted',
    causes: ['log_full'],
    make: ({ logDisk }) => logDisk.fill(),
    mend: ({ logDisk }) => logDisk.empty(),
  },
  {
    name: 'log unreadable',
    hop: 'read',
    causes: ['log_unreadable'],
    make: ({ sensor }) => sensor.rotate('unreadable'),
    mend: ({ sensor }) => chmodSync(sensor.eve, 0o644),
  },
  {
    name: 'renamed without HUP',
    hop: 'read',
    causes: ['log_missing'],
    make: ({ sensor }) => sensor.rotate('nobody'),
    async mend({ sensor }) {
      sensor.signal('SIGHUP');
      await sensor.untilLogThere();
    },
  },
];
