import type { OutputReport, RouterReport, TzspReport } from '../packet/tzsp/report.ts';
import type { TzspProblem } from '../view/api.ts';

/** Without any datagram for this long (and for three times the longest silence so far) a router has stopped. */
const SILENCE_MS = 30_000;
/** A router that is quiet at night is given no more than this. */
const MOST_SILENCE_MS = 600_000;
const EXAMPLES = 3;

/** What is wrong with the streams, worst first; empty while all is well. `failure`: why there is no receiver though one is configured. */
export function tzspProblems(report: TzspReport | null, failure: string | null, now: number): TzspProblem[] {
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
  const problems = [
    ...report.routers.flatMap((router) => routerProblems(router, now)),
    // Right after the start nobody can be missed yet.
    ...(report.routers.length === 0 && now - report.started > SILENCE_MS ? [nobody(report)] : []),
    ...report.outputs.flatMap(outputProblems),
    ...receiverProblems(report),
  ];
  return problems.sort((one, other) => Number(other.state === 'blind') - Number(one.state === 'blind'));
}

/** Has the router stopped? Its usual silences are known after a while. */
export function hasStopped({ lastSeen, longestGapMs }: RouterReport, now: number): boolean {
  return now - lastSeen > Math.min(MOST_SILENCE_MS, Math.max(SILENCE_MS, 3 * longestGapMs));
}

function routerProblems(router: RouterReport, now: number): TzspProblem[] {
  const { address, loops, frames, lastFrame, sliced } = router;
  const found: TzspProblem[] = [];
  if (hasStopped(router, now))
    found.push({
      code: 'router_stopped',
      state: 'blind',
      message: `The router ${address} stopped streaming ${Math.round((now - router.lastSeen) / 1000)} s ago.`,
      remedy:
        'After a reboot the sniffer stands still: /tool sniffer start on the router (a scheduler entry does it at each start).',
    });
  else if (lastFrame === null)
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
      message: `The stream of ${address} carries itself: ${loops} datagrams of our own stream were dropped.`,
      remedy: 'Set filter-stream=yes on the sniffer, or let a mangle rule accept the stream before it is sniffed.',
    });
  if (sliced > frames / 2 && sliced > 100)
    found.push({
      code: 'tzsp_sliced',
      state: 'late',
      message: `The router ${address} cuts frames short (${sliced} of ${frames}).`,
      remedy: 'Set only-headers=no on the sniffer.',
    });
  return found;
}

function nobody({ refused }: TzspReport): TzspProblem {
  const senders = refused.senders.slice(0, EXAMPLES).map(({ address }) => address);
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
        message: `Only senders that are not believed: ${refused.datagrams} datagrams from ${senders.join(', ')}.`,
        remedy: 'If it is your router, name it in tzsp.routers.',
      };
}

function outputProblems({ name, state, reason, dropped, mtu, mtuNeeded }: OutputReport): TzspProblem[] {
  const found: TzspProblem[] = [];
  // A FIFO without a reader is no fault.
  if (state === 'waiting' && !name.startsWith('stream'))
    found.push({
      code: 'tzsp_output_waiting',
      state: 'blind',
      message: `${name} waits: ${reason ?? 'nothing tells why'}.`,
      remedy: 'Varde goes on by itself when it is there again; varde tzsp setup makes a missing interface.',
    });
  if (mtuNeeded !== null && (mtu === null || mtuNeeded > mtu))
    found.push({
      code: 'tzsp_mtu',
      state: 'late',
      message: `${name}: ${dropped.too_large ?? 0} frames were too large for the MTU of ${mtu ?? 'unknown size'}.`,
      remedy: `Set an MTU of ${mtuNeeded} or more: ip link set dev NAME mtu ${mtuNeeded}, or varde tzsp setup --mtu.`,
    });
  return found;
}

function receiverProblems({ sockets, path }: TzspReport): TzspProblem[] {
  const drops = sockets.reduce((sum, { kernelDrops }) => sum + kernelDrops, 0);
  // The kernel reports twice what it gave (socket(7)).
  const small = sockets.filter(({ receiveBufferBytes, wantedBytes }) => receiveBufferBytes < wantedBytes);
  return [
    ...(drops > 0
      ? [
          {
            code: 'tzsp_kernel_drops',
            state: 'late' as const,
            message: `${drops} datagrams were lost because the receive buffer was full.`,
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
