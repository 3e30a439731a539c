import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { systemCode } from '../base/errors.ts';

/** Addresses of the page itself: each is answered with index.html, and the page's own code reads the rest of the address. */
export const PAGES: readonly string[] = ['/', '/overview', '/events', '/sensors'];

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.json', 'application/json; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
]);
const COMPRESSED_ALREADY = new Set(['.png', '.ico', '.woff2']);

interface StaticFile {
  type: string;
  plain: Uint8Array<ArrayBuffer>;
  /** Null where compression gains nothing. */
  gzip: Uint8Array<ArrayBuffer> | null;
  etag: string;
  /** The name holds a hash of the content, so it never changes. */
  hashed: boolean;
}

/** The files of the built page. */
export interface StaticFiles {
  /** The answer for a path, or null where there is no such file. */
  answer(path: string, headers: { get(name: string): string | null }): Response | null;
}

/**
 * Reads the folder once, at the start: a request can only name what was listed then, so no path can lead out of it. Symbolic links and files
 * of unknown type (source maps) are left out.
 */
export function loadStaticFiles(root: string): StaticFiles {
  const files = new Map<string, StaticFile>();
  for (const path of list(root, '')) {
    const file = load(root, path);
    if (file !== null) files.set(`/${path}`, file);
  }
  const index = files.get('/index.html');
  return {
    answer: (path, headers) => {
      const file = PAGES.includes(path) ? index : files.get(path);
      return file === undefined ? null : respond(file, headers);
    },
  };
}

function list(root: string, below: string): string[] {
  try {
    return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return list(root, path);
      return entry.isFile() ? [path] : [];
    });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function load(root: string, path: string): StaticFile | null {
  const extension = extname(path).toLowerCase();
  const type = TYPES.get(extension);
  if (type === undefined) return null;
  const plain = new Uint8Array(readFileSync(join(root, path)));
  const gzip = COMPRESSED_ALREADY.has(extension) ? null : new Uint8Array(gzipSync(plain, { level: 9 }));
  return {
    type,
    plain,
    gzip: gzip !== null && gzip.length < plain.length ? gzip : null,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    // Vite puts hashed names below assets/, and nothing else.
    hashed: path.startsWith('assets/'),
  };
}

function respond(file: StaticFile, asked: { get(name: string): string | null }): Response {
  const headers: Record<string, string> = {
    'content-type': file.type,
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  if (asked.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers });
  const accepts = (asked.get('accept-encoding') ?? '')
    .split(',')
    .some((one) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$)|$)/i.test(one));
  if (accepts && file.gzip !== null) {
    headers['content-encoding'] = 'gzip';
    return new Response(file.gzip, { headers });
  }
  return new Response(file.plain, { headers });
}
