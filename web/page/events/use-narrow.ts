import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 719.9px)');
const narrow = signal(query.matches);
query.addEventListener('change', () => (narrow.value = query.matches));

/** Whether the screen is narrow (below 720 px). */
export function useNarrow(): boolean {
  return narrow.value;
}
