import type { Failure } from '../failure.ts';

/** What keeps probes off the wire. */
export const SENDING: readonly Failure[] = [
  {
    name: 'sender stopped',
    hop: 'sent',
    causes: ['sender_stopped'],
    make: (stage) => stage.sender.stop(),
    mend: (stage) => stage.startSender(),
  },
  {
    name: 'no route',
    hop: 'sent',
    causes: ['no_route'],
    make: ({ network }) => network.route('off'),
    mend: ({ network }) => network.route('on'),
  },
  {
    name: 'target absent (ARP unanswered)',
    hop: 'sent',
    causes: ['target_absent'],
    make: ({ network }) => network.target('absent'),
    mend: ({ network }) => network.target('there'),
  },
];
