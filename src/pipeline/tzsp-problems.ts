import type { RouterReport, TzspReport } from '../packet/tzsp/report.ts';
import type { TzspProblem } from '../view/api.ts';
import { outputProblems } from './tzsp-output-problems.ts';
import type { TzspRecent } from './tzsp-recent.ts';

/** Without any datagram for this long (and for three times the longest silence so far) a router has stopped. */
const SILENCE_MS = 30_000;
/** A router that is quiet at night is given no more than this. */
const MOST_SILENCE_MS = 600_000;
const EXAMPLES = 3;
/** Fewer frames that are cut short are chance. */
const LEAST_SLICED = 20;

/** What a report is judged by. */
export interface TzspExpectation {
  /** Why there is no receiver though one is configured; null while there is. */
  failure: string | null;
  /** Routers that the config names one by one; they must stream. */
  named: ReadonlySet<string>;
  /** Has been given the report. */
  recent: TzspRecent;
}

/** What is wrong with the streams, worst first; empty while all is well. What is counted is judged by the last five minutes. */
export function tzspProblems(report: TzspReport | null, expected: TzspExpectation, now: number): TzspProblem[] {
  const { failure, named, recent } = expected;
  if (report === null)
    return failure === null
      ? []
      : [
          {
            code: 'tzsp_failed',
            state: 'blind',
            message: `TZSP streams cannot be received: ${failure}`,
            remedy: 'See the message; it is tried again each 5 seconds.',
          },
        ];
  // Whoever may send here can send a byte: a router is who is named, or has delivered a frame.
  const judged = report.routers.filter(({ address, frames }) => frames > 0 || named.has(address));
  const seen = new Set(judged.map(({ address }) => address));
  const absent = [...named].filter((address) => !seen.has(address));
  // Right after the start nobody can be missed yet.
  const mayMiss = now - report.started > SILENCE_MS;
  const problems = [
    ...judged.flatMap((router) => routerProblems(router, recent, now)),
    ...(mayMiss ? absent.map((address) => absentRouter(address, report)) : []),
    ...(mayMiss && judged.length === 0 && named.size === 0 ? [nobody(report)] : []),
    ...report.outputs.flatMap((output, place) => outputProblems(output, recent.dropped(output, place))),
    ...receiverProblems(report, recent),
  ];
  return problems.sort((one, other) => Number(other.state === 'blind') - Number(one.state === 'blind'));
}

/** Has the router stopped? Its usual silences are known after a while. */
function hasStopped({ lastSeen, longestGapMs }: RouterReport, now: number): boolean {
  return now - lastSeen > Math.min(MOST_SILENCE_MS, Math.max(SILENCE_MS, 3 * longestGapMs));
}

function routerProblems(router: RouterReport, recent: TzspRecent, now: number): TzspProblem[] {
  const { address, lastFrame, firstSeen } = router;
  const { frames, sliced, loops } = recent.router(router);
  const found: TzspProblem[] = [];
  if (hasStopped(router, now))
    found.push({
      code: 'router_stopped',
      state: 'blind',
      message: `The router ${address} stopped streaming ${Math.round((now - router.lastSeen) / 1000)} s ago.`,
      remedy:
        'After a reboot the sniffer stands still: /tool sniffer start on the router (a scheduler entry does it at each start).',
    });
  else if (lastFrame === null && now - firstSeen > SILENCE_MS)
    found.push({
      code: 'router_no_frames',
      state: 'late',
      message: `The router ${address} sends, but no frame came yet.`,
      remedy: 'Look at what was rejected, and at the filters of its sniffer.',
    });
  if (loops > 0)
    found.push({
      code: 'tzsp_loop',
      state: 'late',
      message: `The stream of ${address} carries itself: ${loops} datagrams of our own stream were dropped in the last 5 minutes.`,
      remedy: 'Set filter-stream=yes on the sniffer, or let a mangle rule accept the stream before it is sniffed.',
    });
  if (sliced > frames / 2 && sliced > LEAST_SLICED)
    found.push({
      code: 'tzsp_sliced',
      state: 'late',
      message: `The router ${address} cuts frames short (${sliced} of ${frames} in the last 5 minutes).`,
      remedy: 'Set only-headers=no on the sniffer.',
    });
  return found;
}

/** One that the config names and that never sent anything. */
function absentRouter(address: string, { refused }: TzspReport): TzspProblem {
  return refused.senders.some((sender) => sender.address === address)
    ? {
        code: 'router_refused',
        state: 'blind',
        message: `The router ${address} sends, but is not believed: only an output names it.`,
        remedy: 'Name it in tzsp.routers, too.',
      }
    : {
        code: 'router_absent',
        state: 'blind',
        message: `The router ${address} has not sent anything yet.`,
        remedy: 'varde tzsp setup prints the commands for the router; check the firewall of this machine, too.',
      };
}

function nobody({ refused, routers }: TzspReport): TzspProblem {
  const examples = (senders: readonly { address: string }[]): string =>
    senders
      .slice(0, EXAMPLES)
      .map(({ address }) => address)
      .join(', ');
  if (routers.length > 0)
    return {
      code: 'router_no_frames',
      state: 'blind',
      message: `Datagrams came, but no frame yet: from ${examples(routers)}.`,
      remedy: 'Look at what was rejected, and at the filters of the sniffer.',
    };
  return refused.datagrams === 0
    ? {
        code: 'router_absent',
        state: 'blind',
        message: 'No router has sent anything yet.',
        remedy: 'varde tzsp setup prints the commands for the router; check the firewall of this machine, too.',
      }
    : {
        code: 'router_refused',
        state: 'blind',
        message: `Only senders that are not believed: ${refused.datagrams} datagrams from ${examples(refused.senders)}.`,
        remedy: 'If it is your router, name it in tzsp.routers.',
      };
}

function receiverProblems({ sockets, path }: TzspReport, recent: TzspRecent): TzspProblem[] {
  const drops = recent.kernelDrops();
  // The kernel reports twice what it gave (socket(7)).
  const small = sockets.filter(({ receiveBufferBytes, wantedBytes }) => receiveBufferBytes < wantedBytes);
  return [
    ...(drops > 0
      ? [
          {
            code: 'tzsp_kernel_drops',
            state: 'late' as const,
            message: `${drops} datagrams were lost in the last 5 minutes because the receive buffer was full.`,
            remedy: 'Enlarge tzsp.receive_buffer_bytes, mirror less, or give the machine more CPU.',
          },
        ]
      : []),
    ...(small.length > 0
      ? [
          {
            code: 'tzsp_small_buffer',
            state: 'late' as const,
            message: `The receive buffer of ${small[0]!.address} is ${small[0]!.receiveBufferBytes} bytes instead of ${small[0]!.wantedBytes}.`,
            remedy: 'Give the service CAP_NET_ADMIN, or raise net.core.rmem_max: varde tzsp setup --write does both.',
          },
        ]
      : []),
    ...(path === 'dgram'
      ? [
          {
            code: 'tzsp_no_koffi',
            state: 'late' as const,
            message: 'The package koffi cannot be loaded: frames can only go into files, slowly.',
            remedy: 'Install the dependencies anew: npm ci --ignore-scripts.',
          },
        ]
      : []),
  ];
}
