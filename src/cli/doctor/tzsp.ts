import { visibleText } from '../../base/text-safe.ts';
import type { Problem } from '../../pipeline/verdict.ts';
import type { SensorsAnswer } from '../../view/api.ts';
import { lookAtInjection } from '../../host/injection.ts';

type Answer = Pick<SensorsAnswer, 'tzsp' | 'tzsp_problems' | 'now'>;

/** Full frames with two VLAN tags need this much (src/host/tzsp-setup/plan.ts). */
const LEAST_MTU = 1600;
/** Anybody of a believed network is one. */
const MOST_ROUTERS = 20;

/** What is wrong with the streams of routers: what the station finds, and how the interfaces are set up. */
export async function tzspProblems({ tzsp, tzsp_problems }: Answer, look = lookAtInjection): Promise<Problem[]> {
  const problems: Problem[] = tzsp_problems.map(({ code, message, remedy }) => ({ code, message, remedy }));
  const names = (tzsp?.outputs ?? []).flatMap(({ type, name }) =>
    type === 'inject' ? [name.slice('inject '.length)] : [],
  );
  for (const name of new Set(names)) {
    const { exists, mtu, addresses, ipv6 } = await look(name);
    // The station says that it waits for it.
    if (!exists) continue;
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
  return problems;
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
