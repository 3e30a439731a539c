import { signal } from '@preact/signals';
import { address, go } from '../state/address.ts';
import { checkExpression, only, withFilter } from '../state/expression.ts';
import { copyText, say } from './copy.ts';
import { exact, plural } from './format.ts';
import { Floating, menuKeys } from './floating.tsx';
import { isAddressField } from './inside.ts';
import { shownText, type Value } from './text.ts';

/** A value of an event: what the menu and the keys f and Shift+F act on. */
export interface FieldValue {
  field: string;
  value: Value;
}

const opened = signal<(FieldValue & { anchor: Element }) | null>(null);

/** The value under the pointer; none again as soon as the keyboard moves the cursor. */
export const pointed = signal<FieldValue | null>(null);
/** The value that has the focus. */
export const focused = signal<FieldValue | null>(null);
/** How a list with a cursor of its own tells the value there. */
export const listCursor: { value: (() => FieldValue | null) | null } = { value: null };

export function valueUnderCursor(): FieldValue | null {
  return pointed.peek() ?? focused.peek() ?? listCursor.value?.() ?? null;
}

/** The keys f and Shift+F. */
export function filterUnderCursor(exclude: boolean): void {
  const value = valueUnderCursor();
  if (value) filterBy(value, exclude);
}

export function openValueMenu(anchor: Element, of: FieldValue): void {
  opened.value = { ...of, anchor };
}

/** Longer ones do not fit into an expression (its limit is 10,000 characters) nor into an address. */
const LONGEST_FILTER = 1500;

/** Whether an expression can ask for the value: it fits, and its field may hold it (a text is no address to compare with). */
export function canFilter({ field, value }: FieldValue): boolean {
  if (typeof value === 'string' && value.length > LONGEST_FILTER) return false;
  return checkExpression(only(field, value)).problem === null;
}

/** Longer ones are told how long they are, and can be scrolled. */
const LONG = 150;
/** More characters than these would make the page slow. */
const LONGEST = 65_536;

/** Narrows the search by a value, or excludes it, on the events page. */
export function filterBy(of: FieldValue, exclude: boolean): void {
  if (!canFilter(of)) {
    say('This value cannot be searched for as a whole');
    return;
  }
  // The overview shows everything, so a filter from there starts afresh.
  const base = address.peek().page === 'events' ? address.peek().q : '';
  go({ page: 'events', q: withFilter(base, of.field, of.value, exclude) });
}

export function ValueMenu() {
  const at = opened.value;
  if (!at) return null;
  const close = (): void => {
    opened.value = null;
  };
  const act = (action: () => void) => () => {
    close();
    action();
  };
  const fits = canFilter(at);
  const text = String(at.value ?? '');
  const label = `Value of ${shownText(at.field, 120)}`;
  return (
    <Floating anchor={at.anchor} label={label} class="menu" onClose={close} key={at.anchor}>
      <div class="menu-head">
        <span class="muted">
          {shownText(at.field, 120)}
          {text.length > LONG && ` · ${plural(text.length, 'character')}`}
          {text.length > LONGEST && `, the first ${exact(LONGEST)} are shown; Copy takes all`}
        </span>
        {/* A long value scrolls, also by the keyboard: this is the place where it is read as a whole. */}
        <bdi class="mono" {...(text.length > LONG ? { tabIndex: 0, role: 'region', 'aria-label': label } : {})}>
          {at.value === null ? '(absent)' : shownText(at.value, LONGEST)}
        </bdi>
      </div>
      <div role="menu" aria-label={label} onKeyDown={menuKeys}>
        <button role="menuitem" disabled={!fits} onClick={act(() => filterBy(at, false))}>
          Filter by this value <kbd>f</kbd>
        </button>
        <button role="menuitem" disabled={!fits} onClick={act(() => filterBy(at, true))}>
          Exclude this value <kbd>Shift F</kbd>
        </button>
        <button
          role="menuitem"
          disabled={!fits}
          onClick={act(() => go({ page: 'events', q: only(at.field, at.value) }))}
        >
          Search for this alone
        </button>
        {isAddressField(at.field) && (
          <button role="menuitem" onClick={act(() => go({ page: 'events', q: only('ip', at.value) }))}>
            Everything from and to this address
          </button>
        )}
        <button role="menuitem" onClick={act(() => void copyText(String(at.value ?? ''), 'Value'))}>
          Copy
        </button>
      </div>
      {!fits && <p class="menu-note">It cannot be searched for as a whole.</p>}
    </Floating>
  );
}
