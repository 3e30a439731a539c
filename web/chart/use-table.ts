import { address, go } from '../state/address.ts';
import { chartName } from '../state/address-text.ts';

/** Whether a chart is shown as a table, which stands in the address, and how to change that. */
export function useTable(title: string): [asTable: boolean, toggle: () => void] {
  const name = chartName(title);
  const { tables } = address.value;
  const asTable = tables.includes(name);
  const toggle = (): void =>
    go({ tables: asTable ? tables.filter((other) => other !== name) : [...tables, name] }, 'replace');
  return [asTable, toggle];
}
