import { defineParser } from '../parser.ts';

/** Suricata's fast.log: one alert a line. */
export const suricataFast = defineParser({
  id: 'suricata-fast',
  title: 'Suricata fast.log',
  dataset: 'suricata.fast',
  version: 1,
  row() {
    return { code: 'not_this_format', detail: '' };
  },
  document() {
    return { code: 'not_this_format', detail: '' };
  },
});
