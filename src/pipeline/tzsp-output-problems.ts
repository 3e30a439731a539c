import type { DropReason, OutputReport } from '../packet/tzsp/report.ts';
import type { TzspProblem } from '../view/api.ts';

const CAME_BACK =
  'Look why it went (networkctl status, journalctl -k); Varde went on by itself when it was there again.';

/** What to do against a loss. */
const REMEDIES: Readonly<Record<DropReason, string>> = {
  too_large: 'Set a larger MTU.',
  too_short: 'Frames below 14 bytes are no Ethernet: look at who sends them.',
  not_ethernet:
    'Only Ethernet can be put into an interface: give frames of a radio a pcapng file, and each output its routers.',
  interface_down: CAME_BACK,
  interface_absent: CAME_BACK,
  no_buffer: 'The interface takes frames more slowly than they come: mirror less, or give the machine more CPU.',
  no_reader: 'Start its reader.',
  blocked: 'Its reader is too slow: make it faster, mirror less, or write into a file.',
  disk_full: 'Free space, keep fewer files (keep_files), or lower min_free_bytes.',
  write_failed: 'Look at the disk and at the permissions of its folder (journalctl -k, ls -ld).',
  other_link_type: 'A pcap stream holds one kind of link: set format: pcapng.',
};

/** What is wrong with an output. @param lost frames that it dropped lately, by reason, the most first */
export function outputProblems(
  { name, type, state, reason, mtu, mtuNeeded }: OutputReport,
  lost: readonly (readonly [reason: DropReason, frames: number])[],
): TzspProblem[] {
  const found: TzspProblem[] = [];
  // A FIFO without a reader is no fault.
  const waits = state === 'waiting' && type !== 'stream';
  if (waits)
    found.push({
      code: 'tzsp_output_waiting',
      state: 'blind',
      message: `${name} waits: ${reason ?? 'nothing tells why'}.`,
      remedy: 'Varde goes on by itself when it is there again; varde tzsp setup makes a missing interface.',
    });
  const large = lost.find(([why]) => why === 'too_large')?.[1] ?? 0;
  if (large > 0 && mtuNeeded !== null && (mtu === null || mtuNeeded > mtu))
    found.push({
      code: 'tzsp_mtu',
      state: 'late',
      message: `${name}: ${large} frames in the last 5 minutes were too large for the MTU of ${mtu ?? 'unknown size'}.`,
      remedy: `Set an MTU of ${mtuNeeded} or more: ip link set dev NAME mtu ${mtuNeeded}, or varde tzsp setup --mtu.`,
    });
  const rest = lost.filter(([why]) => why !== 'too_large' && why !== 'no_reader');
  // While it waits, that says it all.
  if (!waits && rest.length > 0)
    found.push({
      code: 'tzsp_output_dropped',
      state: 'late',
      message: `${name} dropped frames in the last 5 minutes: ${rest.map(([why, frames]) => `${frames} ${why.replaceAll('_', ' ')}`).join(', ')}.`,
      remedy: REMEDIES[rest[0]![0]],
    });
  return found;
}
