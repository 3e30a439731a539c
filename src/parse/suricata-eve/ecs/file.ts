import type { JsonObject } from '../../../event/json.ts';
import { extensionOf } from '../../../event/url.ts';
import type { Mapping } from '../mapping.ts';
import { list, object, text, uint64 } from '../values.ts';

/** The file an event is about. */
export interface FileFacts {
  path: string | null;
  size: number | bigint | null;
  sha256: string | null;
  /** The object that has the hashes, or null. */
  info: JsonObject | null;
}

/**
 * The file of a fileinfo event, of an alert with exactly one file, or the one that a file protocol (FTP, TFTP, SMB, NFS) names. An alert with
 * several files has no file of its own: they stay listed under suricata.eve.files, their hashes in related.hash.
 */
export function fileOf(eve: JsonObject, protocol: string | null): FileFacts | null {
  let info = eve.fileinfo === undefined ? null : object(eve.fileinfo);
  if (info === null && eve.files !== undefined) {
    const files = list(eve.files);
    if (files.length === 1) info = object(files[0]);
  }
  if (info !== null) return { path: text(info.filename), size: uint64(info.size), sha256: text(info.sha256), info };
  const path = namedFile(eve, protocol);
  return path === null ? null : { path, size: null, sha256: null, info: null };
}

function namedFile(eve: JsonObject, protocol: string | null): string | null {
  switch (protocol) {
    case 'ftp':
      return text(object(eve.ftp_data)?.filename);
    case 'tftp':
      return text(object(eve.tftp)?.file);
    case 'smb':
    case 'smb2':
      return text(object(eve.smb)?.filename);
    case 'nfs':
      return text(object(eve.nfs)?.filename);
    default:
      return null;
  }
}

const HASHES = ['md5', 'sha1', 'sha256'] as const;

/** file.*, and related.hash of every file. */
export function mapFile(mapping: Mapping, protocol: string | null): void {
  const { eve } = mapping;
  const file = fileOf(eve, protocol);
  if (file !== null) {
    const own = object(eve.fileinfo) !== null;
    if (mapping.set('file.path', file.path) && own) mapping.moved('fileinfo', 'filename');
    if (mapping.set('file.size', file.size) && own) mapping.moved('fileinfo', 'size');
    if (file.path !== null) {
      const name = file.path.slice(Math.max(file.path.lastIndexOf('/'), file.path.lastIndexOf('\\')) + 1);
      // The name of a rule's metadata (alerts) is not overwritten.
      if (object(mapping.document.file)?.name === undefined) mapping.set('file.name', text(name));
      mapping.set('file.extension', extensionOf(file.path));
    }
    for (const hash of HASHES) mapping.set(`file.hash.${hash}`, text(file.info?.[hash]));
  }
  for (const item of [eve.fileinfo, ...list(eve.files)]) {
    const info = object(item);
    for (const hash of HASHES) mapping.relate('hash', text(info?.[hash]));
  }
}
