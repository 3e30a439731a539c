import { join } from 'node:path';
import { VardeError } from '../../base/errors.ts';
import { visibleText } from '../../base/text-safe.ts';
import { readDeliveries } from '../../notify/delivery-log.ts';
import { Queue } from '../../notify/queue.ts';
import { sendTest } from '../../notify/send-test.ts';
import { formatTable } from '../format/table.ts';
import { resolveSettings, type CommonOptions } from '../settings.ts';

/** `varde notify test [CHANNEL…]`: exit 0 when every channel took its message. Needs no station. */
export async function notifyTest(
  names: readonly string[],
  options: CommonOptions & { json?: boolean },
): Promise<number> {
  const { config, configPath } = resolveSettings(options);
  const { channels } = config.notify;
  const unknown = names.find((name) => !channels.some((channel) => channel.name === name));
  if (unknown !== undefined) {
    const known = channels.map((channel) => channel.name).join(', ') || 'none';
    throw new VardeError('usage', `there is no channel "${unknown}"; configured: ${known}`);
  }
  if (channels.length === 0)
    throw new VardeError(
      'usage',
      `no channel is configured in ${configPath ?? 'the config (there is none)'}: docs/notify.md shows how`,
    );
  const chosen = names.length === 0 ? channels : channels.filter((channel) => names.includes(channel.name));
  const results = await sendTest(chosen, { fetch }, Date.now());
  if (options.json === true) process.stdout.write(`${JSON.stringify({ results })}\n`);
  else {
    for (const { channel, ok, message, took_ms } of results)
      process.stdout.write(`${channel}: ${ok ? `taken after ${took_ms} ms` : `failed: ${visibleText(message)}`}\n`);
  }
  return results.every((result) => result.ok) ? 0 : 1;
}

/** `varde notify log`: the last deliveries, newest last, and what still waits. */
export async function notifyLog(options: CommonOptions & { limit: number; json?: boolean }): Promise<number> {
  const { config } = resolveSettings(options);
  const folder = join(config.data, 'notify');
  const all = await readDeliveries(join(folder, 'deliveries.ndjson'));
  const shown = options.limit === 0 ? all : all.slice(-options.limit);
  if (options.json === true) {
    process.stdout.write(shown.map((it) => `${JSON.stringify(it)}\n`).join(''));
    return 0;
  }
  if (shown.length === 0) process.stderr.write('Nothing has been sent yet.\n');
  else {
    const rows = shown.map((it) => [
      new Date(it.time).toISOString(),
      it.channel,
      it.ok ? 'taken' : 'failed',
      it.attempt,
      it.title,
      it.message,
    ]);
    const width = process.stdout.isTTY ? process.stdout.columns : null;
    process.stdout.write(formatTable(['time', 'channel', 'result', 'attempt', 'title', 'reason'], rows, width));
  }
  const waiting = await Queue.waiting(join(folder, 'queue'));
  if (waiting > 0) process.stderr.write(`${waiting} wait to be delivered.\n`);
  return 0;
}
