import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { go } from '../state/address.ts';

/** The keys, as the help shows them. Names as in KeyboardEvent.key; `g o` is one after the other. */
export const KEYS: readonly { keys: string[]; words: string }[] = [
  { keys: ['/'], words: 'Go to the search line' },
  { keys: ['j', 'k'], words: 'Next, previous event (also ↓ ↑)' },
  { keys: ['h', 'l'], words: 'Cell to the left, to the right (also ← →)' },
  { keys: ['Enter'], words: 'Open the event; open a value’s menu with m' },
  { keys: ['Esc'], words: 'Close what is open' },
  { keys: ['f'], words: 'Filter by the value under the cursor or the pointer' },
  { keys: ['Shift+F'], words: 'Exclude that value' },
  { keys: ['p'], words: 'Start or pause the live list' },
  { keys: ['n'], words: 'Show the new events that wait above' },
  { keys: ['r'], words: 'Ask again' },
  { keys: ['g o'], words: 'Overview' },
  { keys: ['g e'], words: 'Events' },
  { keys: ['g s'], words: 'Sensors' },
  { keys: ['?'], words: 'These keys' },
];

type Handlers = Record<string, (event: KeyboardEvent) => void>;
const layers: Handlers[] = [];
export const helpOpen = signal(false);

let pending: ReturnType<typeof setTimeout> | undefined;

const SCROLLING = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End']);

/** No key acts while a field has the focus, nor while a menu or dialog is open (they have keys of their own). */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  if (!target?.closest) return false;
  if (target.closest('input,textarea,select,[contenteditable=true]')) return true;
  return target.closest('[popover],dialog') !== null || document.querySelector('dialog[open]') !== null;
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
  const key = event.key;
  if (pending !== undefined) {
    clearTimeout(pending);
    pending = undefined;
    const page = new Map([
      ['o', 'overview'],
      ['e', 'events'],
      ['s', 'sensors'],
    ] as const).get(key as 'o' | 'e' | 's');
    if (page) {
      event.preventDefault();
      go({ page });
      return;
    }
  }
  // What scrolls, and has the focus, scrolls: without a mouse nothing else would move it.
  if (SCROLLING.has(key) && (event.target as HTMLElement).closest('[role=tabpanel],[role=region],[role=tablist]'))
    return;
  // Enter and Space belong to a focused button or link.
  if ((key === 'Enter' || key === ' ') && (event.target as HTMLElement).closest('button,a[href],summary')) return;
  if (key === 'g') {
    pending = setTimeout(() => (pending = undefined), 1500);
    return;
  }
  for (let i = layers.length - 1; i >= 0; i--) {
    const handler = Object.hasOwn(layers[i]!, key) ? layers[i]![key] : undefined;
    if (!handler) continue;
    event.preventDefault();
    handler(event);
    return;
  }
}

addEventListener('keydown', pressed);

/** While a component is there, its keys act; the youngest component that knows a key has it. */
export function useKeys(handlers: Handlers): void {
  useEffect(() => {
    layers.push(handlers);
    return () => void layers.splice(layers.indexOf(handlers), 1);
  });
}
