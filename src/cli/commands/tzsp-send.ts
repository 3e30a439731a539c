import { createReadStream } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { VardeError, messageOf } from '../../base/errors.ts';
import { readCapture } from '../../packet/capture.ts';
import type { CapturedPacket } from '../../packet/captured.ts';
import { type ListenAddress, parseListen } from '../../packet/inject/listen.ts';
import { DatagramSender } from '../../packet/inject/sender.ts';
import { loadSystem } from '../../packet/inject/system.ts';
import { encodeTzsp, originalLengthTag, timeStampTag, type TzspTag } from '../../packet/tzsp/encode.ts';
import { Tag } from '../../packet/tzsp/tags.ts';
import { ENCAPSULATIONS, TZSP_PORT } from '../../packet/tzsp/types.ts';

export interface SendOptions {
  to: string;
  rate: number;
  loops: number;
  tag?: string[];
  json?: boolean;
}

/** At most this long between two looks at the clock. */
const STEP_MS = 1;
const PROGRESS_MS = 1000;
/** From this rate on the clock is looked at for every so many packets only. */
const FAST = 50_000;
const CLOCK_EVERY = 16;
/** A file of up to this size is read once, however often it is sent. */
const KEPT_BYTES = 128 * 1024 * 1024;

/** `varde tzsp send`: a capture file as a TZSP stream. Packets are paced evenly; the file's own times are not kept. */
export async function tzspSend(file: string, options: SendOptions): Promise<number> {
  const to = await target(options.to);
  const sender = new DatagramSender(await loadSystem(), to);
  const began = performance.now();
  let number = 0;
  let told = began;
  let stopped = false;
  const stop = (): void => void (stopped = true);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    for (let loop = 0; loop < options.loops && !stopped; loop++) {
      for await (const packet of readCapture(createReadStream(file, { highWaterMark: 1024 * 1024 }))) {
        sender.add(datagram(packet, number++, options.tag ?? []));
        const due = options.rate === 0 ? 0 : began + (number * 1000) / options.rate;
        const now = performance.now();
        if (sender.full || due > now + STEP_MS) sender.flush();
        if (due > now + STEP_MS) await delay(due - now);
        if (stopped) break;
        if (process.stderr.isTTY && now - told >= PROGRESS_MS) {
          told = now;
          process.stderr.write(
            `\r\x1b[Kround ${loop + 1} of ${options.loops}: ${number} packets, ${perSecond(number, began)}/s`,
          );
        }
      }
      if (number === 0) throw new VardeError('capture_damaged', `${file} holds no packets`);
    }
    sender.flush();
  } catch (error) {
    if (error instanceof VardeError) throw error;
    throw new VardeError('capture_damaged', `${file}: ${messageOf(error)}`, { cause: error });
  } finally {
    sender.close();
    process.off('SIGINT', stop).off('SIGTERM', stop);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
  const secs = (performance.now() - began) / 1000;
  const { sent, bytes, failed } = sender;
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ sent, bytes, failed, secs })}\n`
      : `${sent} datagrams, ${bytes} bytes, in ${secs.toFixed(1)} s (${Math.round(sent / secs)}/s)${failed > 0 ? `; ${failed} failed` : ''}\n`,
  );
  return stopped || failed > 0 ? 1 : 0;
}

function datagram(packet: CapturedPacket, number: number, tags: readonly string[]): Buffer {
  const encapsulation = ENCAPSULATIONS.find((it) => it.linkType === packet.linkType);
  if (encapsulation === undefined)
    throw new VardeError(
      'capture_damaged',
      `TZSP has no encapsulation for link type ${packet.linkType} (byte ${packet.offset})`,
    );
  const list: TzspTag[] = [];
  if (tags.includes('packet-id')) {
    const value = Buffer.alloc(4);
    value.writeUInt32BE(number >>> 0);
    list.push({ type: Tag.PACKET_ID, value });
  }
  if (tags.includes('original-length')) list.push(originalLengthTag(packet.originalLength));
  if (tags.includes('time-stamp') && packet.seconds >= 0) list.push(timeStampTag(packet.seconds, packet.nanoseconds));
  return encodeTzsp({ encapsulation: encapsulation.value, tags: list, frame: packet.data });
}

/** `192.0.2.1`, `192.0.2.1:37008`, `[2001:db8::1]:37008`, `name:37008`. @throws VardeError usage */
async function target(text: string): Promise<ListenAddress> {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? text;
  const port = match?.[3] ?? String(TZSP_PORT);
  const found = await lookup(host).catch((error: unknown) => {
    throw new VardeError('usage', `"${host}" is no address and no known name (${messageOf(error)})`, { cause: error });
  });
  return parseListen(found.family === 6 ? `[${found.address}]:${port}` : `${found.address}:${port}`);
}

function perSecond(count: number, began: number): number {
  return Math.round((count * 1000) / Math.max(1, performance.now() - began));
}
