import { effect, signal } from '@preact/signals';
import { keepText, keptText } from './kept.ts';

export type Theme = 'auto' | 'light' | 'dark';
export const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

const kept = keptText('theme');
export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'auto');

/** Counts up whenever the colours change, so that canvases are drawn again. */
export const colours = signal(0);

effect(() => {
  const value = theme.value;
  if (value === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset['theme'] = value;
  colours.value = colours.peek() + 1;
});

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => (colours.value = colours.peek() + 1));

export function chooseTheme(value: Theme): void {
  theme.value = value;
  keepText('theme', value === 'auto' ? null : value);
}

let probe: HTMLElement | null = null;

/** The colour that a token has right now, for a canvas: `--series-dns` comes as a resolved colour. */
export function tokenColour(name: string): string {
  if (!probe) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}
