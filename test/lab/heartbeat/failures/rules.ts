import type { Failure } from '../failure.ts';

/** What goes wrong with rules: Suricata sees the probes and says nothing. */
export const RULES: readonly Failure[] = [
  {
    name: 'rule missing',
    hop: 'alerted',
    causes: ['rule_missing'],
    make({ sensor }) {
      sensor.writeRules('none');
      sensor.reload();
    },
    mend({ sensor }) {
      sensor.writeRules('all');
      sensor.reload();
    },
  },
  {
    name: 'rule file broken at reload',
    hop: 'alerted',
    causes: ['rules_broken'],
    make({ sensor }) {
      sensor.writeRules('broken');
      sensor.reload();
    },
    mend({ sensor }) {
      sensor.writeRules('all');
      sensor.reload();
    },
  },
  {
    name: 'wrong HOME_NET',
    hop: 'alerted',
    causes: ['rule_mismatch'],
    make: ({ sensor }) => sensor.reload({ homeNet: '10.0.0.0/8' }),
    mend: ({ sensor }) => sensor.reload(),
  },
];
