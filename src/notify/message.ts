import { cutText, visibleLines, visibleText } from '../base/text-safe.ts';

/** What is told about one thing: a chain, a sensor; later a rule on alerts. */
export interface Item {
  /** Stable name of the thing, such as `sensor/lan/icmp`. */
  key: string;
  state: string;
  title: string;
  message: string;
  remedy: string;
  /** Since when it is so, milliseconds since the epoch. */
  since: number;
}

/** `problem`: it broke; `reminder`: it is broken still; `recovery`: it is well again; `test`: `varde notify test`. */
export type MessageKind = 'problem' | 'reminder' | 'recovery' | 'test';

/** One message for one channel. */
export interface Message {
  /** The same over all retries: a receiver that got it twice can tell. */
  id: string;
  kind: MessageKind;
  /** Name of this machine. */
  station: string;
  /** When it was made, milliseconds since the epoch. */
  time: number;
  title: string;
  text: string;
  items: Item[];
}

const LONGEST_TITLE = 120;
const MOST_ITEMS = 50;

/** Puts one or many items into one message. Their words may come from a log or from the network: they are made visible here, once, for all channels. */
export function makeMessage(
  id: string,
  kind: MessageKind,
  items: readonly Item[],
  station: string,
  time: number,
): Message {
  const safe = items.slice(0, MOST_ITEMS).map((item): Item => ({
    key: line(item.key),
    state: line(item.state),
    title: line(item.title),
    message: cutText(visibleLines(item.message), 2000),
    remedy: cutText(visibleLines(item.remedy), 2000),
    since: item.since,
  }));
  const left = items.length - safe.length;
  const text = [
    ...safe.map(itemText),
    ...(left > 0 ? [`… and ${left} more.`] : []),
    `Station ${line(station)}, ${stamp(time)}`,
  ].join('\n\n');
  return {
    id,
    kind,
    station: line(station),
    time,
    title: titleOf(kind, safe, items.length, station),
    text,
    items: safe,
  };
}

function titleOf(kind: MessageKind, items: readonly Item[], all: number, station: string): string {
  const first = items[0]?.title ?? '';
  const what = all > 1 ? `${all} things: ${first}, …` : first;
  const word = { problem: 'Problem', reminder: 'Still', recovery: 'Recovered', test: 'Test' }[kind];
  return line(`[varde ${station}] ${word}: ${what}`);
}

function itemText(item: Item): string {
  const lines = [`${item.title} (${item.state} since ${stamp(item.since)})`, item.message];
  if (item.remedy !== '') lines.push(`→ ${item.remedy}`);
  return lines.filter((it) => it !== '').join('\n');
}

const line = (text: string): string => cutText(visibleText(text), LONGEST_TITLE);

function stamp(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? `${new Date(ms).toISOString().slice(0, 19)}Z` : '?';
}
