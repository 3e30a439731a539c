import { cutText, visibleText } from '../../src/base/text-safe.ts';
import { plural } from './format.ts';

/** A value as a list shows it. Everything from a log is text: controls and bidirectional marks become visible symbols. */
export type Value = string | number | boolean | null;

/** Fields whose values are told apart by their ends as much as by their beginnings. */
const HASHES = /(?:hash|ja3s?|ja4|sha\d*|md5|community_id|fingerprint|hassh)/;

export function isHash(field: string): boolean {
  return HASHES.test(field.slice(-40));
}

/** Cut in the middle: both ends stay. */
function cutMiddle(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (max - 1 - head))}`;
}

/** Shown text of at most `max` characters: hashes are cut in the middle, everything else at its end. */
export function shownText(value: Value, max: number, field: string = ''): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  // First cut, then made visible: a megabyte costs no more than a line.
  return visibleText(isHash(field) ? cutMiddle(value, max) : cutText(value, max));
}

const HOVER = 1200;

/** Complete for reading on hover, within reason: then it says how long the value is; its menu shows all of it. */
export function titleText(value: Value): string {
  const text = shownText(value, HOVER);
  return typeof value === 'string' && value.length > HOVER ? `${text}\n(${plural(value.length, 'character')})` : text;
}
