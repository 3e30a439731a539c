import type { ProbePath } from '../config/schema.ts';
import type { ProbeKind } from './sent-probe.ts';
import type { Stop } from './stop.ts';
import type { Address } from './target.ts';

/** One probe to be sent. */
export interface Shot {
  to: Address;
  /** Null for kinds without ports. */
  port: number | null;
  /** Interface to leave by, or null for as routed. */
  device: string | null;
  seq: number;
  /** How long an answer, or the news that none can come, is waited for. */
  waitMs: number;
  /** The sender's end: nothing is waited for any longer. */
  stop: Stop;
  /** The token of a probe that leaves now. Called once, when everything else is ready. */
  token(): string;
  /** Called once, when the probe has been handed to the kernel. */
  sent(source: Source): void;
}

export interface Source {
  ip: string | null;
  port: number | null;
}

export interface Outcome {
  /** As in SentProbe. */
  error: string | null;
  answeredMs: number | null;
}

/** The part of a Suricata rule that a kind knows: protocol, destination port, and what is looked for. */
export interface RuleBody {
  protocol: string;
  port: string;
  options: string;
}

/** A way to send a heartbeat, and the rule that sees it. */
export interface Probe {
  /** Equal to the folder's name. */
  kind: ProbeKind;
  title: string;
  port(path: ProbePath): number | null;
  /**
   * Sends one probe and waits for what becomes of it. Never rejects for reasons that lie in the network or the machine: those are outcomes.
   *
   * @throws VardeError probe_unavailable
   */
  send(shot: Shot): Promise<Outcome>;
  /** @param prefix letters that all tokens of this path and kind begin with */
  rule(prefix: string, port: number | null): RuleBody;
}

/** Declares a kind of probe: the one thing in its file. */
export function defineProbe(probe: Probe): Probe {
  return probe;
}
