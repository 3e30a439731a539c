import { createReadStream } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { VardeError, messageOf } from '../../base/errors.ts';
import { readCapture } from '../../packet/capture.ts';
import type { CapturedPacket } from '../../packet/captured.ts';
import { type ListenAddress, parseListen } from '../../packet/inject/listen.ts';
import { DatagramSender } from '../../packet/inject/sender.ts';
import { loadSystem } from '../../packet/inject/system.ts';
import { linkTypeName } from '../../packet/link-types.ts';
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
/** So often the rest of the process has its turn, however fast it goes. */
const TURN_EVERY = 4096;
/** A file of up to this size is read once, however often it is sent. */
const KEPT_BYTES = 128 * 1024 * 1024;

/** `varde tzsp send`: a capture file as a TZSP stream. Packets are paced evenly; the file's own times are not kept. */
export async function tzspSend(file: string, options: SendOptions): Promise<number> {
  const to = await target(options.to);
  const sending = new Sending(new DatagramSender(await loadSystem(), to), options);
  const stop = (): void => void (sending.stopped = true);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await sending.run(file);
  } catch (error) {
    if (error instanceof VardeError) throw error;
    throw new VardeError('capture_damaged', `${file}: ${messageOf(error)}`, { cause: error });
  } finally {
    sending.sender.close();
    process.off('SIGINT', stop).off('SIGTERM', stop);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
  const secs = (performance.now() - sending.began) / 1000;
  const { sent, bytes, failed } = sending.sender;
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ sent, bytes, failed, secs })}\n`
      : `${sent} datagrams, ${bytes} bytes, in ${secs.toFixed(1)} s (${Math.round(sent / secs)}/s)${failed > 0 ? `; ${failed} failed` : ''}\n`,
  );
  return sending.stopped || failed > 0 ? 1 : 0;
}

class Sending {
  stopped = false;
  readonly sender: DatagramSender;
  readonly began = performance.now();
  private readonly options: SendOptions;
  private number = 0;
  private told = this.began;

  constructor(sender: DatagramSender, options: SendOptions) {
    this.sender = sender;
    this.options = options;
  }

  async run(file: string): Promise<void> {
    const { loops, tag = [] } = this.options;
    // A packet's number is another one each time.
    let kept: Buffer[] | null = loops > 1 && !tag.includes('packet-id') ? [] : null;
    let keptBytes = 0;
    for (let loop = 1; loop <= loops && !this.stopped; loop++) {
      if (kept !== null && loop > 1) {
        for (const bytes of kept) {
          const pause = this.put(bytes, loop);
          if (pause !== null && (await pause)) break;
        }
        continue;
      }
      for await (const packet of readCapture(createReadStream(file, { highWaterMark: 1024 * 1024 }))) {
        const bytes = datagram(packet, this.number, tag);
        kept?.push(bytes);
        keptBytes += bytes.length;
        if (keptBytes > KEPT_BYTES) kept = null;
        const pause = this.put(bytes, loop);
        if (pause !== null && (await pause)) break;
      }
      if (this.number === 0) throw new VardeError('capture_damaged', `${file} holds no packets`);
    }
    this.sender.flush();
  }

  /** Sends one in its turn. @returns what is to be waited for, if anything; true behind it means that the end has been asked for */
  private put(bytes: Buffer, loop: number): Promise<boolean> | null {
    const { sender } = this;
    const { rate } = this.options;
    sender.add(bytes);
    this.number++;
    if (sender.full) sender.flush();
    const isTurn = this.number % TURN_EVERY === 0;
    if (!isTurn && (rate === 0 || (rate >= FAST && this.number % CLOCK_EVERY !== 0))) return null;
    const now = performance.now();
    this.tell(now, loop);
    const early = rate === 0 ? 0 : this.began + (this.number * 1000) / rate - now;
    if (early > STEP_MS) sender.flush();
    else if (!isTurn) return null;
    return this.wait(early > STEP_MS ? early : 0);
  }

  private async wait(millis: number): Promise<boolean> {
    await (millis > 0 ? delay(millis) : turn());
    return this.stopped;
  }

  private tell(now: number, loop: number): void {
    if (!process.stderr.isTTY || now - this.told < PROGRESS_MS) return;
    this.told = now;
    process.stderr.write(
      `\r\x1b[Kround ${loop} of ${this.options.loops}: ${this.number} packets, ${perSecond(this.number, this.began)}/s`,
    );
  }
}

function datagram(packet: CapturedPacket, number: number, tags: readonly string[]): Buffer {
  const encapsulation = ENCAPSULATIONS.find((it) => it.linkType === packet.linkType);
  if (encapsulation === undefined)
    throw new VardeError(
      'capture_damaged',
      `TZSP has no encapsulation for ${linkTypeName(packet.linkType)} (byte ${packet.offset})`,
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
