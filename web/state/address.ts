import { computed, signal } from '@preact/signals';
import { type Address, formatAddress, type PageName, parseAddress } from './address-text.ts';

export type { Address, PageName };

/** Where the page is. */
export const address = signal<Address>(parseAddress(new URL(location.href)));
addEventListener('popstate', () => (address.value = parseAddress(new URL(location.href))));

export const page = computed(() => address.value.page);
export const range = computed(() => address.value.range);

/** Where a change leads. Another page, search or range closes the open event; another page ends the sub-view and the live list. */
export function changed(change: Partial<Address>): Address {
  const now = address.peek();
  const next = { ...now, ...change };
  if (next.page !== now.page) Object.assign(next, { view: '', tab: '', live: false, ...change });
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
