import { systemCode } from '../base/errors.ts';
import type { ProbePath } from '../config/schema.ts';
import type { Probe, Shot, Source } from './probe.ts';
import { PROBES } from './probes.ts';
import type { ProbeKind, SentProbe } from './sent-probe.ts';
import { deviceOf } from './socket/device.ts';
import type { Stop } from './stop.ts';
import type { Address, Resolver } from './target.ts';
import { formatToken } from './token.ts';

/** Longest wait for an answer; the kernel needs three seconds to say that nobody answers ARP. Milliseconds. */
const ANSWER_MS = 4000;

export interface ChainSurroundings {
  key: Buffer;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The number of the next probe. */
  next(): number;
  /** Called when a probe has been sent, and again with the same number when an answer or an error came. */
  report(probe: SentProbe): void;
  resolver: Resolver;
  stop: Stop;
}

/** Stands for the address of a name that has never been resolved. */
const NOWHERE = '0.0.0.0';

/** Sends the probes of one path and kind, one after the other. */
export class ProbeChain {
  readonly path: ProbePath;
  readonly kind: ProbeKind;
  private readonly around: ChainSurroundings;
  private readonly probe: Probe;
  private readonly port: number | null;
  private lastAddress = NOWHERE;

  constructor(path: ProbePath, kind: ProbeKind, around: ChainSurroundings) {
    this.path = path;
    this.kind = kind;
    this.around = around;
    this.probe = PROBES[kind];
    this.port = this.probe.port(path);
  }

  /** Sends one probe now, and resolves when it is known what became of it. @throws VardeError probe_unavailable */
  async send(): Promise<SentProbe> {
    const { resolver, stop } = this.around;
    const device = deviceOf(this.path);
    const flight = new Flight(this.around.next(), this.around.now());
    let to: Address;
    try {
      const found = resolver.address(this.path.target, device);
      to = found instanceof Promise ? await untilStopped(found, stop) : found;
    } catch (error) {
      if (stop.stopped) return this.told(flight, NOWHERE, null, null);
      return this.report(this.told(flight, this.lastAddress, systemCode(error) || 'EINVAL', null));
    }
    const address = to.ip.text;
    this.lastAddress = address;
    const outcome = await this.probe.send(this.shot(flight, to, device));
    const last = this.told(flight, address, outcome.error, outcome.answeredMs);
    // Broken off before it left: nothing was sent, and that is nobody's failure.
    if (flight.source === null && stop.stopped) return last;
    const known = flight.source !== null && outcome.error === null && outcome.answeredMs === null;
    return known ? last : this.report(last);
  }

  private shot(flight: Flight, to: Address, device: string | null): Shot {
    const { key, now, stop } = this.around;
    const { seq } = flight;
    return {
      to,
      port: this.port,
      device,
      seq,
      waitMs: ANSWER_MS,
      stop,
      token: () => {
        flight.sent = now();
        return formatToken(key, { path: this.path.name, kind: this.kind, seq, sent: flight.sent });
      },
      sent: (source) => {
        flight.source = source;
        this.report(this.told(flight, to.ip.text, null, null));
      },
    };
  }

  private told(flight: Flight, destination: string, error: string | null, answeredMs: number | null): SentProbe {
    return {
      path: this.path.name,
      kind: this.kind,
      seq: flight.seq,
      sent: flight.sent,
      source_ip: flight.source?.ip ?? null,
      source_port: flight.source?.port ?? null,
      destination_ip: destination,
      destination_port: this.port,
      error,
      answered_ms: answeredMs === null ? null : Math.max(0, Math.round(answeredMs * 1000) / 1000),
    };
  }

  private report(probe: SentProbe): SentProbe {
    this.around.report(probe);
    return probe;
  }
}

/** What is known of one probe while it is under way. */
class Flight {
  readonly seq: number;
  sent: number;
  source: Source | null = null;

  constructor(seq: number, sent: number) {
    this.seq = seq;
    this.sent = sent;
  }
}

/** A resolver that does not answer (getaddrinfo cannot be broken off) must not hold up a stop. @throws what `work` throws, or AbortError */
function untilStopped<T>(work: Promise<T>, stopping: Stop): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new DOMException('stopped', 'AbortError'));
    if (stopping.stopped) stop();
    stopping.add(stop);
    work.then(resolve, reject).finally(() => stopping.delete(stop));
  });
}
