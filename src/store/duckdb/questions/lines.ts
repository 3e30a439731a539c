import type { DuckDBBlobValue, DuckDBValue } from '@duckdb/node-api';
import { type JsonObject, bareObject } from '../../../event/json.ts';
import { isReject } from '../../../parse/parser.ts';
import { PARSER_BY_DATASET } from '../../../parse/parsers.ts';
import type { QuestionContext } from '../segments.ts';
import type { Cells } from './run.ts';
import { type Sql, sql } from './sql-text.ts';

/**
 * What is read of a row to have its line and document again. The line comes as bytes: as text, the engine's binding would drop a byte order
 * mark at its start.
 */
export const LINE_SELECT: Sql = sql`encode(original), original_hex, parser, ingested, source_id`;
export const LINE_CELLS = 5;

/** The exact bytes of the line; `at` is the place of the first of {@link LINE_SELECT} among the cells. */
export function lineOf(cells: Cells, at: number): Buffer {
  const hex = cells[at + 1];
  if (typeof hex === 'string') return Buffer.from(hex, 'hex');
  return bytesOf(cells[at]);
}

function bytesOf(value: DuckDBValue | undefined): Buffer {
  if (value === null || value === undefined) return Buffer.alloc(0);
  const { bytes } = value as DuckDBBlobValue;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The document of a row, made again by its parser. Empty where today's parser is missing or refuses the line: the row still is there, with
 * its columns and its line.
 */
export function documentOf(context: QuestionContext, cells: Cells, at: number, line: Buffer): JsonObject {
  const parser = PARSER_BY_DATASET.get(String(cells[at + 2]));
  if (parser === undefined) return bareObject();
  const fileId = String(cells[1]);
  const document = parser.document(line, {
    fileId,
    path: context.catalogue.records().get(fileId)?.path ?? '',
    offset: Number(cells[2]),
    ingested: Number(cells[at + 3]),
    source: String(cells[at + 4]),
  });
  return isReject(document) ? bareObject() : document;
}
