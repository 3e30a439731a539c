import type { EventRow } from '../../src/view/api.ts';
import { severityWord } from '../chart/series.ts';
import { bytes } from '../part/format.ts';
import type { Value } from '../part/text.ts';

/** A piece of a cell: with a field it is a value that can be filtered by, without one it is our own word. */
export interface Piece {
  text?: string;
  field?: string;
  value?: Value;
  /** Said more quietly. */
  quiet?: boolean;
}

/** Fields that {@link summary} reads. Columns of the store all of them, so that a list costs no look into the lines. */
export const SUMMARY_FIELDS: readonly string[] = [
  'event.action',
  'event.severity',
  'rule.name',
  'suricata.eve.alert.action',
  'dns.type',
  'dns.question.type',
  'dns.question.name',
  'dns.response_code',
  'http.request.method',
  'http.response.status_code',
  'url.domain',
  'url.path',
  'tls.client.server_name',
  'tls.version',
  'file.path',
  'file.size',
  'network.protocol',
  'network.transport',
  'source.bytes',
  'destination.bytes',
  'user.name',
];

function piece(row: EventRow, field: string, quiet = false): Piece[] {
  const value = row[field];
  return value === undefined || value === null || value === '' ? [] : [{ field, value, quiet }];
}

function size(row: EventRow, field: string, before: string): Piece[] {
  const value = row[field];
  return value === undefined || value === null
    ? []
    : [
        { text: before, quiet: true },
        { field, value, text: bytes(Number(value)), quiet: true },
      ];
}

/** What an event says, in one line, from its columns. */
export function summary(row: EventRow): Piece[] {
  switch (row['event.action']) {
    case 'alert': {
      const blocked =
        row['suricata.eve.alert.action'] === 'blocked' ? piece(row, 'suricata.eve.alert.action', true) : [];
      return [...severity(row), ...piece(row, 'rule.name'), ...blocked, ...names(row)];
    }
    case 'dns':
      return [
        ...piece(row, 'dns.type', true),
        ...piece(row, 'dns.question.type', true),
        ...piece(row, 'dns.question.name'),
        ...piece(row, 'dns.response_code', true),
      ];
    case 'http':
      return [
        ...piece(row, 'http.request.method', true),
        ...piece(row, 'url.domain'),
        ...piece(row, 'url.path'),
        ...piece(row, 'http.response.status_code', true),
      ];
    case 'tls':
    case 'quic':
      return [...piece(row, 'tls.client.server_name'), ...version(row)];
    case 'fileinfo':
      return [...piece(row, 'file.path'), ...size(row, 'file.size', ''), ...piece(row, 'url.domain', true)];
    default: {
      const found = [
        ...piece(row, 'network.protocol'),
        ...traffic(row),
        ...piece(row, 'user.name'),
        ...names(row),
        ...piece(row, 'file.path', true),
      ];
      return found.length > 0 ? found : piece(row, 'network.transport', true);
    }
  }
}

/** The number and a word: a colour alone would tell some people nothing. */
function severity(row: EventRow): Piece[] {
  return piece(row, 'event.severity').map((found) => ({
    ...found,
    text: `${found.value} ${severityWord(Number(found.value))}`,
  }));
}

function version(row: EventRow): Piece[] {
  const [found] = piece(row, 'tls.version', true);
  return found ? [{ text: 'TLS', quiet: true }, found] : [];
}

function traffic(row: EventRow): Piece[] {
  return [...size(row, 'source.bytes', '↑'), ...size(row, 'destination.bytes', '↓')];
}

/** The most telling name of an event whose type has no line of its own. */
function names(row: EventRow): Piece[] {
  for (const field of ['dns.question.name', 'tls.client.server_name', 'url.domain']) {
    const found = piece(row, field, true);
    if (found.length > 0) return field === 'url.domain' ? [...found, ...piece(row, 'url.path', true)] : found;
  }
  return [];
}
