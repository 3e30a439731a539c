import { address, go } from '../state/address.ts';
import { keepText } from '../state/kept.ts';
import { DEFAULT_COLUMNS } from './columns.ts';

/** Ids of the shown columns. */
export function chosenColumns(): string[] {
  return address.value.columns ?? [...DEFAULT_COLUMNS];
}

/** Shows these from now on, and remembers them for the next visit; null is the default. */
export function chooseColumns(ids: readonly string[] | null): void {
  keepText('columns', ids === null ? null : ids.join(','));
  go({ columns: ids === null ? null : [...ids] }, 'replace');
}
