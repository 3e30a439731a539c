import { completeQuery, insertValue } from '../../src/search/complete.ts';
import { ask } from '../state/api.ts';
import { address } from '../state/address.ts';
import { nowMicros } from '../state/live.ts';
import { boundsOf } from '../state/range.ts';
import { exact } from './format.ts';

/** What can be put in at the cursor: `[from, to)` of the text becomes `insert`. */
export interface Offer {
  /** The text that it was made for. */
  text: string;
  from: number;
  to: number;
  kind: 'field' | 'value' | 'operator';
  field: string;
  options: { label: string; insert: string; title: string }[];
}

/** Offers for the cursor's place; values are asked from the store, within the page's range. */
export async function offersAt(text: string, cursor: number, signal: AbortSignal): Promise<Offer> {
  const found = completeQuery(text, cursor);
  if (found.kind !== 'value') {
    return { text, from: found.from, to: found.to, kind: found.kind, field: '', options: found.options.slice(0, 12) };
  }
  const { from, to } = boundsOf(address.peek().range, nowMicros());
  const { values } = await ask<{ values: { value: string | number; count: number }[] }>(
    'values',
    { field: found.field, prefix: found.prefix, from, to },
    signal,
  );
  const options = values.slice(0, 12).map(({ value, count }) => ({
    label: String(value),
    insert: insertValue(value),
    title: `${exact(count)}×`,
  }));
  return { text, from: found.from, to: found.to, kind: 'value', field: found.field, options };
}

/** The text with the option put in, and where the cursor then stands. */
export function putIn(text: string, offer: Offer, insert: string): { text: string; cursor: number } {
  const rest = text.slice(offer.to);
  // A value ends with a space; one that stands there already serves.
  const word = insert.endsWith(' ') && rest.startsWith(' ') ? insert.slice(0, -1) : insert;
  return { text: text.slice(0, offer.from) + word + rest, cursor: offer.from + insert.length };
}
