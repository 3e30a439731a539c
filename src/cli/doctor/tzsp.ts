import { visibleText } from '../../base/text-safe.ts';
import type { Problem } from '../../pipeline/verdict.ts';
import type { SensorsAnswer } from '../../view/api.ts';
import type { TzspConfig } from '../../config/schema.ts';
import { lookAtInjection } from '../../host/injection.ts';
import { type SetupLook, setupProblems } from './tzsp-setup.ts';

type Answer = Pick<SensorsAnswer, 'tzsp' | 'tzsp_problems' | 'now'>;

/** Full frames with two VLAN tags need this much (src/host/tzsp-setup/plan.ts). */
const LEAST_MTU = 1600;
/** Anybody of a believed network is one. */
const MOST_ROUTERS = 20;

/** What this machine tells of a receiver that the config has: its interfaces, and how it was set up. */
export interface TzspMachine {
  config: TzspConfig | undefined;
  setup: readonly SetupLook[];
}

/**
 * What is wrong with the streams of routers: what the station finds, how the interfaces are, and what is missing of the set-up.
 *
 * @param answer of the station; null where none answers
 */
export async function tzspProblems(
  answer: Answer | null,
  { config, setup }: TzspMachine,
  look = lookAtInjection,
): Promise<Problem[]> {
  const found = answer?.tzsp_problems ?? [];
  const problems: Problem[] = found.map(({ code, message, remedy }) => ({ code, message, remedy }));
  // A receiver that does not run at the moment says nothing of its outputs.
  const running = (answer?.tzsp?.outputs ?? []).flatMap(({ type, name }) =>
    type === 'inject' ? [name.slice('inject '.length)] : [],
  );
  const names = (config?.outputs ?? []).flatMap((output) => (output.type === 'inject' ? [output.interface] : []));
  for (const name of new Set([...running, ...names])) {
    const { exists, mtu, addresses, ipv6 } = await look(name);
    if (!exists) {
      // A station that receives says that it waits for it.
      if (!running.includes(name))
        problems.push({
          code: 'tzsp_output_waiting',
          message: `There is no interface ${name}.`,
          remedy: 'varde tzsp setup makes it.',
        });
      continue;
    }
    if (mtu !== null && mtu < LEAST_MTU && !problems.some(({ code }) => code === 'tzsp_mtu'))
      problems.push({
        code: 'tzsp_mtu',
        message: `The MTU of ${name} is ${mtu}: full frames with two VLAN tags do not fit.`,
        remedy: `Set ${LEAST_MTU} or more: ip link set dev ${name} mtu 9000, or varde tzsp setup --write.`,
      });
    if (addresses.length > 0)
      problems.push({
        code: 'tzsp_address',
        message: `${name} has the address ${addresses.join(', ')}: this machine may answer frames of others.`,
        remedy: `Take it away: ip addr flush dev ${name}; varde tzsp setup --write keeps it so.`,
      });
    else if (ipv6 === true)
      problems.push({
        code: 'tzsp_ipv6',
        message: `IPv6 is on at ${name}: router advertisements inside the stream could configure this machine.`,
        remedy: `sysctl net.ipv6.conf.${name}.disable_ipv6=1; varde tzsp setup --write keeps it so.`,
      });
  }
  return [...problems, ...setupProblems(setup)];
}

/** The receiver in lines; none without one. */
export function tzspLines({ tzsp, now }: Answer): string[] {
  if (tzsp === null) return [];
  const lines = [
    `Streams  TZSP on ${tzsp.sockets.map(({ address }) => address).join(', ')}, path: ${tzsp.path}` +
      (tzsp.noKernelPath === null ? '' : ` (not the kernel's: ${visibleText(tzsp.noKernelPath)})`),
  ];
  const routers = [...tzsp.routers].sort((one, other) => other.frames - one.frames);
  for (const { address, frames, bytes, lastSeen } of routers.slice(0, MOST_ROUTERS))
    lines.push(`  ${address}  ${frames} frames, ${bytes} bytes, last ${Math.round((now - lastSeen) / 1000)} s ago`);
  if (routers.length > MOST_ROUTERS) lines.push(`  … and ${routers.length - MOST_ROUTERS} more senders`);
  if (routers.length === 0) lines.push('  no router has sent anything');
  for (const { name, state, frames, dropped } of tzsp.outputs) {
    const lost = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
    lines.push(
      `  → ${visibleText(name)}  ${state}, ${frames} frames${lost.length > 0 ? `, dropped ${lost.join(', ')}` : ''}`,
    );
  }
  return lines;
}
