import type { HeartbeatState } from '../detect/heartbeat/report.ts';
import type { Condition, NotifySettings } from './condition.ts';
import type { Item, MessageKind } from './message.ts';

/** What is to be told now; of each kind one message. */
export type Told = { kind: Exclude<MessageKind, 'test'>; items: Item[] };

/** What is known of one thing; kept over restarts. */
interface Record {
  condition: Condition;
  standing: Standing;
  /** Since when it stands so without a break. */
  since: number;
  /** The last standing that was not unsure, since when, and how long the opposite one before it had lasted. */
  decided: Exclude<Standing, 'unsure'> | null;
  decidedSince: number;
  beforeLasted: number;
  /** A problem has been told and no recovery yet. */
  open: boolean;
  /** When `open` last changed, and when a message last went out; null before the first. */
  changed: number | null;
  told: number | null;
  /** Since when it has not been well without a break; null while it is. */
  ill: number | null;
  /** Its rules were reloaded: no problem is told of it before this time. */
  graceUntil: number;
  /** So many lists in a row did not have it. */
  unseen: number;
}

type Standing = 'well' | 'broken' | 'unsure';

const STANDING: Readonly<{ [S in HeartbeatState]: Standing }> = {
  alive: 'well',
  blind: 'broken',
  late: 'unsure',
  unknown: 'unsure',
};
/** `late` and `unknown` come and go at starts and under load; once they last, somebody should look. */
const UNSURE_MS = 300_000;
/**
 * A thing that is not in the list any more (taken out of the config) is forgotten without a word. Counted in lists, which come each second, and
 * not in time: a clock that leaps ahead, or a machine that slept, says nothing about what is watched.
 */
const FORGET_LISTS = 600;
/** No list for so long: nobody looked meanwhile, so nothing has lasted through it. */
const STANDSTILL_MS = 30_000;
const MOST = 5000;

/**
 * Turns standings into messages: changes only, each once. What stood firm for `flap_secs` and changes is told at once; what changed back and forth
 * before must stand for `flap_secs` first. So a sensor that dies is told without delay, and one that flaps is told once. Pure but for its own state: the clock comes
 * with each call.
 */
export class Episodes {
  private records = new Map<string, Record>();
  private graceUntil = -Infinity;
  private looked: number | null = null;

  /** Nothing is told as a problem for this long: after the start. */
  grace(now: number, secs: number): void {
    this.graceUntil = Math.max(this.graceUntil, now + secs * 1000);
  }

  /**
   * The same for these things alone: their rules were reloaded. What has been broken for so long already is told all the same: else reloads that
   * follow each other closely, or lines that claim them, would keep a dead sensor secret.
   */
  graceFor(keys: readonly string[], now: number, secs: number): void {
    for (const key of keys) {
      const record = this.records.get(key);
      if (record !== undefined) record.graceUntil = now + secs * 1000;
    }
  }

  observe(conditions: readonly Condition[], now: number): void {
    this.heedStandstill(now);
    for (const [key, record] of this.records) if (++record.unseen > FORGET_LISTS) this.records.delete(key);
    for (const condition of conditions) {
      const standing = STANDING[condition.state];
      const record = this.records.get(condition.key);
      if (record === undefined) {
        if (this.records.size < MOST) this.records.set(condition.key, fresh(condition, now));
        continue;
      }
      if (record.standing !== standing) record.since = now;
      Object.assign(record, { condition, standing, unseen: 0 });
      if (standing === 'well') record.ill = null;
      else record.ill ??= now;
      decide(record, now);
    }
  }

  /** What is due now. */
  due(settings: NotifySettings, now: number): Told[] {
    const told: { [K in Told['kind']]: Item[] } = { problem: [], recovery: [], reminder: [] };
    const graceMs = settings.grace_secs * 1000;
    this.graceUntil = Math.min(this.graceUntil, now + graceMs);
    this.heedStandstill(now);
    for (const record of this.records.values()) {
      this.heedClock(record, now, graceMs);
      const kind = this.next(record, settings, now);
      if (kind === null) continue;
      record.told = now;
      if (kind !== 'reminder') {
        record.open = kind === 'problem';
        record.changed = now;
      }
      told[kind].push(itemOf(record));
    }
    return (['problem', 'recovery', 'reminder'] as const).flatMap((kind) =>
      told[kind].length === 0 ? [] : [{ kind, items: told[kind] }],
    );
  }

  private next(record: Record, settings: NotifySettings, now: number): Told['kind'] | null {
    const lasted = now - record.since;
    const broken = record.standing === 'broken' || (record.standing === 'unsure' && lasted >= UNSURE_MS);
    const flapMs = settings.flap_secs * 1000;
    const quiet = record.changed === null || now - record.changed >= flapMs;
    const firm = record.changed === null || record.beforeLasted >= flapMs;
    const steady = (quiet && firm) || lasted >= flapMs;
    if (broken && !record.open) return steady && !this.isSpared(record, settings, now) ? 'problem' : null;
    if (record.standing === 'well' && record.open) return steady ? 'recovery' : null;
    if (!record.open || record.standing === 'well' || settings.reminder_secs === 0 || record.told === null) return null;
    return now - record.told >= settings.reminder_secs * 1000 ? 'reminder' : null;
  }

  private isSpared({ ill, graceUntil }: Record, settings: NotifySettings, now: number): boolean {
    if (now < this.graceUntil) return true;
    return now < graceUntil && now - (ill ?? now) < settings.grace_secs * 1000;
  }

  /** The time in which nobody looked is no time that something not yet sure has lasted. */
  private heedStandstill(now: number): void {
    const passed = this.looked === null ? 0 : now - this.looked;
    this.looked = now;
    if (passed <= STANDSTILL_MS) return;
    for (const record of this.records.values()) if (record.standing === 'unsure') record.since = now;
  }

  /** After a clock that was set back nothing may wait for a time that is long ahead. */
  private heedClock(record: Record, now: number, graceMs: number): void {
    record.since = Math.min(record.since, now);
    record.decidedSince = Math.min(record.decidedSince, now);
    record.graceUntil = Math.min(record.graceUntil, now + graceMs);
    if (record.ill !== null) record.ill = Math.min(record.ill, now);
    if (record.changed !== null) record.changed = Math.min(record.changed, now);
    if (record.told !== null) record.told = Math.min(record.told, now);
  }

  /** Only what has been told needs to be remembered: the rest is seen anew. */
  snapshot(): unknown {
    return [...this.records].filter(([, record]) => record.told !== null);
  }

  /** Takes a snapshot back; what is not one is left out. */
  restore(snapshot: unknown, now: number): void {
    if (!Array.isArray(snapshot)) return;
    for (const entry of snapshot as unknown[]) {
      const [key, record] = Array.isArray(entry) ? (entry as [unknown, unknown]) : [null, null];
      if (typeof key !== 'string' || !isRecord(record) || this.records.size >= MOST) continue;
      const { condition, open, changed, told } = record;
      // How it stood in the meantime is not known; what was told is, and that it stood so then.
      const decided = open ? 'broken' : 'well';
      this.records.set(key, {
        ...fresh(condition, now),
        standing: 'unsure',
        ill: now,
        decided,
        decidedSince: changed ?? now,
        open,
        changed,
        told,
      });
    }
  }
}

function fresh(condition: Condition, now: number): Record {
  const standing = STANDING[condition.state];
  const record: Record = {
    condition,
    standing,
    since: now,
    decided: null,
    decidedSince: now,
    beforeLasted: Infinity,
    open: false,
    changed: null,
    told: null,
    ill: standing === 'well' ? null : now,
    graceUntil: Number.NEGATIVE_INFINITY,
    unseen: 0,
  };
  decide(record, now);
  return record;
}

/** Keeps the last firm standing: what comes between (late on the way from blind to alive) is neither. */
function decide(record: Record, now: number): void {
  const { standing } = record;
  if (standing === 'unsure' || standing === record.decided) return;
  record.beforeLasted = record.decided === null ? Infinity : now - record.decidedSince;
  record.decided = standing;
  record.decidedSince = now;
}

function isRecord(value: unknown): value is Record {
  const { condition, open, told, changed } = (value ?? {}) as Partial<Record>;
  const texts = [condition?.key, condition?.state, condition?.title, condition?.message, condition?.remedy];
  return (
    texts.every((text) => typeof text === 'string') &&
    condition !== undefined &&
    Object.hasOwn(STANDING, condition.state) &&
    typeof condition.time === 'number' &&
    typeof open === 'boolean' &&
    [told, changed].every((time) => time === null || typeof time === 'number')
  );
}

function itemOf({ condition, since }: Record): Item {
  const { key, state, title, message, remedy, time } = condition;
  return { key, state, title, message, remedy, since: Number.isFinite(time) && time > 0 ? time : since };
}
