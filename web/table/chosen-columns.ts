import { address, go } from '../state/address.ts';
import { keepText, keptText } from '../state/kept.ts';
import { DEFAULT_COLUMNS } from './columns.ts';

/** Ids of the shown columns: of the address, else as this browser was last told, else the default. */
export function chosenColumns(): string[] {
  const chosen = address.value.columns;
  if (chosen) return chosen;
  const kept = keptText('columns')?.split(',').filter(Boolean);
  return kept && kept.length > 0 ? kept : [...DEFAULT_COLUMNS];
}

export function chooseColumns(ids: readonly string[] | null): void {
  keepText('columns', ids === null ? null : ids.join(','));
  go({ columns: ids === null ? null : [...ids] }, 'replace');
}
