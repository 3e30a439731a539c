import type { HeartbeatState, Hop, HopReport } from '../../../src/view/api.ts';
import { shownText } from '../../part/text.ts';

/** Each state has a shape of its own: nobody needs colours to see which hop broke. */
const SHAPES: Record<HeartbeatState, string> = {
  alive: 'M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14zM4.8 8.2 7 10.4l4.2-4.6',
  late: 'M8 .8 15.2 8 8 15.2.8 8zM8 4.6v4M8 11v.01',
  blind: 'M1.5 1.5h13v13h-13zM5 5l6 6M11 5l-6 6',
  unknown: 'M8 14.5A6.5 6.5 0 1 0 8 1.5a6.5 6.5 0 0 0 0 13z',
};

export function StateMark({ state }: { state: HeartbeatState }) {
  return (
    <svg class={`state-mark ${state}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={SHAPES[state]} />
    </svg>
  );
}

export const HOP_WORDS: Record<Hop, { name: string; title: string }> = {
  sent: { name: 'sent', title: 'The probe was handed to the network.' },
  answered: {
    name: 'answered',
    title: 'The target answered. Welcome, but not needed: the sensor sees the question too.',
  },
  captured: { name: 'captured', title: 'Packets reach Suricata’s capture, and it does not drop them.' },
  decoded: { name: 'decoded', title: 'Suricata decodes packets.' },
  alerted: { name: 'alerted', title: 'The rule fired and Suricata wrote the event.' },
  read: { name: 'read', title: 'Varde read the line.' },
  stored: { name: 'stored', title: 'The event is stored and can be searched.' },
  shipped: { name: 'shipped', title: 'The back end has acknowledged it.' },
};

interface ChainProps {
  hops: readonly HopReport[];
  /** Where it broke. */
  broken: Hop | null;
  label: string;
}

/** The way of a heartbeat, hop by hop. Behind the broken one the line is interrupted: nothing comes through there. */
export function Chain({ hops, broken, label }: ChainProps) {
  // What is merely not known yet is not broken.
  const at = hops.findIndex(({ hop, state }) => hop === broken && (state === 'blind' || state === 'late'));
  return (
    <ol class="chain" aria-label={label}>
      {hops.map(({ hop, state, evidence }, index) => {
        const here = index === at;
        const behind = at !== -1 && index > at;
        const { name, title } = HOP_WORDS[hop];
        return (
          <li
            key={hop}
            class={`hop ${state}${here ? ' broken' : ''}${behind ? ' behind' : ''}`}
            title={`${name}: ${state}. ${title}\n${evidence.map((line) => shownText(line, 200)).join('\n')}`}
          >
            <StateMark state={state} />
            <span class="hop-name">{name}</span>
            <span class="offscreen">
              : {state}
              {here ? ', it breaks here' : ''}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
