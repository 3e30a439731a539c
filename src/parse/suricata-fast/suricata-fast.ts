import { setField } from '../../event/document.ts';
import { bareObject, type JsonObject } from '../../event/json.ts';
import { trimLine } from '../json-line.ts';
import { addOrigin } from '../origin.ts';
import { defineParser, type Reject } from '../parser.ts';
import { projectDocument } from '../project.ts';
import { mapFastAlert } from './document.ts';
import { readFastLine } from './line.ts';

/** The ECS part of the document of a line, or why there is none. */
function read(
  bytes: Buffer,
  start: number,
  end: number,
): { document: JsonObject; reject: null } | { document: null; reject: Reject } {
  const { start: from, end: to } = trimLine(bytes, start, end);
  if (from === to) return { document: null, reject: { code: 'blank_line', detail: 'Nothing but blanks.' } };
  const alert = readFastLine(bytes.toString('utf8', from, to));
  if ('code' in alert) return { document: null, reject: alert };
  return { document: mapFastAlert(alert), reject: null };
}

/**
 * Suricata's fast.log: one alert a line, in local time without a zone. The time is read in the zone of this process (see `local-time.ts`). A
 * sensor writes few alerts, so the columns are simply taken from the document.
 */
export const suricataFast = defineParser({
  id: 'suricata-fast',
  title: 'Suricata fast.log',
  dataset: 'suricata.fast',
  version: 1,

  row(bytes, start, end, row) {
    const { document, reject } = read(bytes, start, end);
    if (document === null) return reject;
    projectDocument(document, row);
    return null;
  },

  document(line, origin) {
    const { document, reject } = read(line, 0, line.length);
    if (document === null) return reject;
    // What stays of the line's own words comes last.
    const result = Object.assign(bareObject(), document);
    delete result.suricata;
    setField(result, 'observer.vendor', 'OISF');
    setField(result, 'observer.product', 'Suricata');
    setField(result, 'observer.type', 'ids');
    setField(result, 'service.type', 'suricata');
    result.suricata = document.suricata!;
    return addOrigin(result, line, origin, this);
  },
});
