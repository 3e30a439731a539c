import { readFileSync } from 'node:fs';
import { LineCounter, isMap, isScalar, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { VardeError, messageOf } from '../base/errors.ts';
import { closest } from '../base/closest.ts';
import { configSchema, type Config } from './schema.ts';

/**
 * Reads and checks a config file.
 *
 * @throws VardeError `config_unreadable`, or `config_invalid` whose message has one `path:line:column: what` for each defect.
 */
export function loadConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new VardeError('config_unreadable', `${path}: ${messageOf(error)}`, { cause: error, details: { path } });
  }
  return parseConfig(text, path);
}

/** The config in a YAML text; `name` stands before each defect. An empty text is the default config. */
export function parseConfig(text: string, name: string): Config {
  const lines = new LineCounter();
  // maxAliasCount guards against "billion laughs"; the strict default already refuses duplicate keys.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const defects = document.errors.map((error) => at(lines, error.pos[0], name) + error.message);
  if (defects.length > 0) throw invalid(name, defects);
  const parsed = configSchema.safeParse(document.toJS({ maxAliasCount: 20 }) ?? {});
  if (parsed.success) return parsed.data;
  throw invalid(
    name,
    parsed.error.issues.flatMap((issue) => describe(issue, document, lines, name)),
  );
}

function invalid(name: string, defects: string[]): VardeError {
  return new VardeError('config_invalid', defects.join('\n'), { details: { path: name, defects: defects.length } });
}

function at(lines: LineCounter, offset: number, name: string): string {
  const { line, col } = lines.linePos(offset);
  return `${name}:${line}:${col}: `;
}

function describe(issue: z.core.$ZodIssue, document: Document, lines: LineCounter, name: string): string[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = closest(key, knownKeys(path));
      const hint = known === null ? '' : `; did you mean "${known}"?`;
      return `${at(lines, keyOffset(document, path, key), name)}unknown key "${key}"${where(path)}${hint}`;
    });
  }
  return [
    `${at(lines, valueOffset(document, path), name)}${path.length > 0 ? `${path.join('.')}: ` : ''}${issue.message}`,
  ];
}

function where(path: (string | number)[]): string {
  return path.length > 0 ? ` in ${path.join('.')}` : '';
}

/** What is looked at of a zod schema on the way to a key. */
interface Part {
  shape?: Record<string, Part>;
  element?: Part;
  options?: Part[];
  unwrap?(): Part;
}

/** Keys that the schema knows at a path, for "did you mean"; of a section with several forms, those of all. */
function knownKeys(path: (string | number)[]): string[] {
  let at: Part[] = [configSchema as unknown as Part];
  for (const step of path)
    at = at.flatMap(forms).flatMap((part) => (typeof step === 'number' ? part.element : part.shape?.[step]) ?? []);
  return [...new Set(at.flatMap(forms).flatMap((part) => Object.keys(part.shape ?? {})))];
}

/** The part itself behind defaults and options. An array has `unwrap` too, but that is its element. */
function forms(part: Part): Part[] {
  if (part.options !== undefined) return part.options.flatMap(forms);
  if (part.shape !== undefined || part.element !== undefined || part.unwrap === undefined) return [part];
  return forms(part.unwrap());
}

function keyOffset(document: Document, path: (string | number)[], key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isMap(map)) {
    for (const pair of map.items)
      if (isScalar(pair.key) && String(pair.key.value) === key) return pair.key.range?.[0] ?? 0;
  }
  return valueOffset(document, path);
}

/** Offset of the deepest node that exists on the path: a missing key is reported at its parent. */
function valueOffset(document: Document, path: (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}
