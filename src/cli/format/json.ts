/** What JSON lets through raw but a terminal or an editor would obey: DEL, C1 controls, direction marks. They only occur inside strings. */
const OBEYED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON text that is safe on a terminal and still means the same. */
export function safeJson(json: string): string {
  return json.replace(OBEYED, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * One JSON object and a newline. JSON escapes the C0 controls itself; names come from the user's own `--columns`, and a null prototype keeps
 * `__proto__` a name like any other.
 */
export function jsonRow(names: readonly string[], cells: readonly (string | number | null)[]): string {
  const row = Object.create(null) as Record<string, string | number | null>;
  for (const [i, name] of names.entries()) row[name] = cells[i] ?? null;
  return `${safeJson(JSON.stringify(row))}\n`;
}
