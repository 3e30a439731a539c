import { computed, signal } from '@preact/signals';
import { type Address, formatAddress, isBare, type PageName, parseAddress } from './address-text.ts';
import { keptText } from './kept.ts';

export type { Address, PageName };

/** Columns that this browser was last told; null is the default. */
function keptColumns(): string[] | null {
  const kept = keptText('columns')?.split(',').filter(Boolean);
  return kept && kept.length > 0 ? kept : null;
}

/**
 * Where one comes in. What this browser remembers is put into the address at once, and only where the address asks for nothing itself: one
 * that was copied shows a colleague the columns that it names, or else the default, whatever that browser remembers.
 */
function firstAddress(): Address {
  const url = new URL(location.href);
  const first = parseAddress(url);
  if (first.page !== 'events' || !isBare(url)) return first;
  const columns = keptColumns();
  if (columns === null) return first;
  const next = { ...first, columns };
  history.replaceState(null, '', formatAddress(next));
  return next;
}

/** Where the page is. */
export const address = signal<Address>(firstAddress());
addEventListener('popstate', () => (address.value = parseAddress(new URL(location.href))));

export const page = computed(() => address.value.page);
export const range = computed(() => address.value.range);

/**
 * Where a change leads. Another page, search or range closes the open event; another page ends the sub-view and the live list, and shows the
 * columns that this browser remembers.
 */
export function changed(change: Partial<Address>): Address {
  const now = address.peek();
  const next = { ...now, ...change };
  if (next.page !== now.page)
    Object.assign(next, { view: '', tab: '', live: false, tables: [], columns: keptColumns(), ...change });
  if (next.page !== now.page || next.view !== now.view) Object.assign(next, { refused: null, offset: 0, ...change });
  if (next.page !== now.page || next.q !== now.q || next.range !== now.range) next.id = change.id ?? null;
  return next;
}

export function hrefOf(change: Partial<Address>): string {
  return formatAddress(changed(change));
}

/** Goes there. `replace` for what is no step of its own (the row under the cursor while moving). */
export function go(change: Partial<Address>, how: 'push' | 'replace' = 'push'): void {
  const next = changed(change);
  const href = formatAddress(next);
  if (href === formatAddress(address.peek()) && next.range === address.peek().range) return;
  if (how === 'replace' || href === location.pathname + location.search) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  address.value = next;
}
