import { visibleText } from '../../base/text-safe.ts';
import type { HopReport, SensorReport } from '../../view/api.ts';
import type { Problem } from '../../pipeline/verdict.ts';

/** What is wrong with the sensors: each heartbeat that does not come, then what Suricata says of itself. */
export function sensorProblems(sensors: readonly SensorReport[]): Problem[] {
  return sensors.flatMap(({ name, chains, health }) => [
    ...chains
      .filter(({ state }) => state === 'blind' || state === 'late')
      .map(({ path, kind, state, hop, cause, message, remedy }) => ({
        code: cause ?? `heartbeat_${state}`,
        message: `${name}: ${kind} on ${path} is ${state}${hop === null ? '' : ` at the hop "${hop}"`}: ${message}`,
        remedy,
      })),
    // That it was started anew is told below; nothing is wrong with it.
    ...health.problems
      .filter(({ code }) => code !== 'restarted')
      .map((problem) => ({ ...problem, message: `${name}: ${problem.message}` })),
  ]);
}

const SIGNS: Record<HopReport['state'], string> = { alive: '+', late: '~', blind: 'X', unknown: '?' };

/** A sensor in lines: its verdict, each chain with the broken hop, and the numbers of Suricata. */
export function sensorLines(sensor: SensorReport): string[] {
  const lines = [`Sensor ${sensor.name}: ${sensor.state}. ${visibleText(sensor.message)}`];
  for (const chain of sensor.chains) {
    const hops = chain.hops.map(({ hop, state }) => `${hop}${SIGNS[state]}`).join(' → ');
    const window = chain.windows.find(({ loss_percent }) => loss_percent !== null);
    const loss = window === undefined ? '' : `, ${window.lost} of ${window.sent} lost in ${window.window}`;
    lines.push(
      `  ${chain.state.padEnd(8)} ${chain.kind.padEnd(5)} ${chain.path} → ${visibleText(chain.target)}${loss}`,
    );
    lines.push(`           ${hops}`);
  }
  if (sensor.chains.length === 0) lines.push('  no heartbeat is sent through it (docs/heartbeat.md tells how)');
  const { version, packets, drops, drop_percent, rules, command_socket } = sensor.health;
  const parts = [
    version === null ? null : `Suricata ${visibleText(version)}`,
    packets === null ? null : `${packets} packets captured, ${drops ?? 0} dropped`,
    drop_percent.of_both === null ? null : `${drop_percent.of_both.toFixed(2)} % dropped just now`,
    rules === null ? null : `${rules.loaded} rules, ${rules.failed} failed`,
    command_socket === 'not_configured' ? null : `command socket: ${command_socket}`,
  ].filter((part) => part !== null);
  if (parts.length > 0) lines.push(`  ${parts.join('; ')}`);
  for (const { code, message } of sensor.health.problems)
    if (code === 'restarted') lines.push(`  ${visibleText(message)}`);
  return lines;
}
