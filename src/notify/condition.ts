import type { HeartbeatState } from '../detect/heartbeat/report.ts';

/** How one watched thing stands: a chain, a sensor. The whole list is given each time. */
export interface Condition {
  /** Stable name of the thing. */
  key: string;
  state: HeartbeatState;
  title: string;
  message: string;
  remedy: string;
  /** Since when, milliseconds since the epoch, as far as its judge knows. */
  time: number;
}

export interface NotifySettings {
  /** A problem that lasts is told again after this time; 0: never. */
  reminder_secs: number;
  /** After a message about a thing, the next change of it is told only once it has lasted this long. */
  flap_secs: number;
  /** No problem is told this long after the start, nor of a sensor this long after a reload of its rules, unless it has lasted as long. */
  grace_secs: number;
}
