import { signal } from '@preact/signals';

/** A short word that floats up and goes: "copied". */
export const toast = signal<string | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

export function say(text: string): void {
  toast.value = text;
  clearTimeout(timer);
  timer = setTimeout(() => (toast.value = null), 2500);
}

/** Copies the exact text. Over plain HTTP on another host the clipboard is closed: then a hidden field serves. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'offscreen';
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    say(done ? `${what} copied` : 'The browser does not allow copying');
  }
}
