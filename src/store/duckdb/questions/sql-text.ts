/** What can be bound: texts, numbers, and lists of texts (paths, offsets). */
export type Bound = string | number | bigint | null | readonly string[];

/** A piece of SQL with `?` for each bound value, in order. Text comes from this program only; whatever people or logs wrote is bound. */
export interface Sql {
  text: string;
  values: readonly Bound[];
}

export const TRUE: Sql = { text: 'true', values: [] };
export const FALSE: Sql = { text: 'false', values: [] };

/** Template tag: `Sql` pieces are put in place, anything else is bound. */
export function sql(strings: TemplateStringsArray, ...pieces: (Sql | Bound)[]): Sql {
  let text = strings[0]!;
  const values: Bound[] = [];
  for (const [i, piece] of pieces.entries()) {
    if (isSql(piece)) {
      text += piece.text;
      values.push(...piece.values);
    } else {
      text += '?';
      values.push(piece);
    }
    text += strings[i + 1]!;
  }
  return { text, values };
}

function isSql(piece: Sql | Bound): piece is Sql {
  return typeof piece === 'object' && piece !== null && 'text' in piece && 'values' in piece;
}

/** Text of this program as it stands: column names and types from our own registry. */
export function word(text: string): Sql {
  return { text, values: [] };
}

export function join(pieces: readonly Sql[], separator: string): Sql {
  return { text: pieces.map((piece) => piece.text).join(separator), values: pieces.flatMap((piece) => piece.values) };
}

export function and(pieces: readonly Sql[]): Sql {
  const open = pieces.filter((piece) => piece !== TRUE);
  if (open.includes(FALSE)) return FALSE;
  return open.length === 0 ? TRUE : open.length === 1 ? open[0]! : sql`(${join(open, ' AND ')})`;
}

export function or(pieces: readonly Sql[]): Sql {
  const open = pieces.filter((piece) => piece !== FALSE);
  if (open.includes(TRUE)) return TRUE;
  return open.length === 0 ? FALSE : open.length === 1 ? open[0]! : sql`(${join(open, ' OR ')})`;
}

/** True where the condition is false or null: rows that lack the field. */
export function not(piece: Sql): Sql {
  if (piece === TRUE) return FALSE;
  if (piece === FALSE) return TRUE;
  return sql`((${piece}) IS NOT TRUE)`;
}
