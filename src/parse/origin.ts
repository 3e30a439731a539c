import { isUtf8 } from 'node:buffer';
import { setField } from '../event/document.ts';
import { bareObject, type JsonObject } from '../event/json.ts';
import { formatInstant } from '../event/time.ts';
import type { LineOrigin, Parser } from './parser.ts';

/** Version of the Elastic Common Schema whose names and meanings the documents follow. */
const ECS_VERSION = '8.17.0';

/**
 * Adds what every document tells about its line: the line itself, where it came from, and which parser read it. A line that is no UTF-8 has
 * `varde.original_hex` in place of `event.original`.
 */
export function addOrigin(
  document: JsonObject,
  line: Buffer,
  origin: LineOrigin,
  parser: Pick<Parser, 'dataset' | 'version'>,
): JsonObject {
  const utf8 = isUtf8(line);
  setField(document, 'event.module', parser.dataset.split('.', 1)[0]!);
  setField(document, 'event.dataset', parser.dataset);
  setField(document, 'event.ingested', formatInstant(origin.ingested));
  if (utf8) setField(document, 'event.original', line.toString('utf8'));
  setField(document, 'log.file.path', origin.path);
  setField(document, 'log.file.id', origin.fileId);
  setField(document, 'log.offset', origin.offset);
  setField(document, 'ecs.version', ECS_VERSION);
  const varde = bareObject();
  varde.source = origin.source;
  varde.parser_version = parser.version;
  if (!utf8) varde.original_hex = line.toString('hex');
  document.varde = varde;
  return document;
}
