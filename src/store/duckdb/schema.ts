import { ALL_COLUMNS, EVENT_COLUMNS, type Column } from '../../event/columns.ts';

/**
 * Version of the column set. Raise it whenever a column is added to `event/columns.ts`; older segments then read as null in the new column
 * and are rewritten in the new shape when they are merged.
 */
export const SCHEMA_VERSION = 1;

/** Columns of the staging file: the event's, then what differs from row to row. What is equal for a whole file is looked up by `file`. */
const STAGED: readonly Pick<Column, 'name' | 'type'>[] = [
  ...EVENT_COLUMNS,
  { name: 'file', type: 'UINTEGER' },
  { name: 'file_offset', type: 'UBIGINT' },
  { name: 'original', type: 'VARCHAR' },
  { name: 'original_hex', type: 'VARCHAR' },
];

/** Bytes that the staging file uses for structure: the least likely ones in a log, so that quoting is rare. */
export const FIELD_END = 0x1f;
export const QUOTE = 0x02;

/** Rows per row group: small enough for pruning, large enough for dictionaries. Measured: 30,720 rows took 40 MB more at the peak of an
 * import, and lists a fifth longer, for 2 % less on disk. */
export const ROW_GROUP_ROWS = 12_288;

/** Expressions that give the origin columns from a staged row; `$sources` and so on are bound lists with one entry per file of the batch. */
const STAGED_ORIGIN: Record<string, string> = {
  ingested: '$ingested',
  source_id: '$sources[file + 1]',
  parser: '$parsers[file + 1]',
  parser_version: '$versions[file + 1]',
  file_id: '$file_ids[file + 1]',
};

/** The select list that turns staged rows into segment rows, in segment order. */
export const STAGED_SELECT = ALL_COLUMNS.map(({ name, type }) => {
  const expression = STAGED_ORIGIN[name];
  return expression === undefined ? name : `(${expression})::${type} AS ${name}`;
}).join(', ');

/**
 * `read_csv` over a staging file. `longest` is the longest row in bytes: a row must fit into `max_line_size` and into one buffer, and both
 * are allocated in full, so they follow the need (1 MiB as a rule, 16 MiB lines on demand).
 */
export function readStaged(longest: number): string {
  const line = Math.max(64 * 1024, longest + 1024);
  const buffer = Math.max(1024 * 1024, line + 1024);
  return (
    `read_csv($staged, columns = {${STAGED.map((c) => `'${c.name}': '${c.type}'`).join(', ')}}, auto_detect = false, ` +
    `header = false, delim = chr(${FIELD_END}), quote = chr(${QUOTE}), escape = chr(${QUOTE}), nullstr = '', ` +
    `allow_quoted_nulls = false, strict_mode = true, parallel = false, new_line = '\\n', ` +
    `max_line_size = ${line}, buffer_size = ${buffer})`
  );
}

export const COLUMN_LIST = ALL_COLUMNS.map((c) => c.name).join(', ');

/** A relation without rows that has every column with its type: `UNION ALL BY NAME` with it gives old segments the new columns. */
export const EMPTY_RELATION = `(SELECT ${ALL_COLUMNS.map((c) => `NULL::${c.type} AS ${c.name}`).join(', ')} WHERE false)`;
