/**
 * One JSON object and a newline. JSON escapes every control character itself; names come from the user's own `--columns`, and a null
 * prototype keeps `__proto__` a name like any other.
 */
export function jsonRow(names: readonly string[], cells: readonly (string | number | null)[]): string {
  const row = Object.create(null) as Record<string, string | number | null>;
  for (const [i, name] of names.entries()) row[name] = cells[i] ?? null;
  return `${JSON.stringify(row)}\n`;
}
