import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The part of JSON Schema (draft 2020-12) that zod makes of the config. */
interface Node {
  type?: string;
  description?: string;
  default?: unknown;
  example?: unknown;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  items?: Node;
  /** The forms of a section that has several, told apart by their `type`. */
  oneOf?: Node[];
  anyOf?: Node[];
  properties?: Record<string, Node>;
  required?: string[];
}

function schema(): Node & Record<string, unknown> {
  // `input`: keys with a default may be left out by the user.
  return z.toJSONSchema(configSchema, { io: 'input', target: 'draft-2020-12' }) as Node & Record<string, unknown>;
}

/** `varde.schema.json`, for editors. */
export function renderJsonSchema(): string {
  return JSON.stringify(schema(), null, 2) + '\n';
}

/** `docs/reference/config.md`. */
export function renderConfigReference(): string {
  const lines = [
    '# Configuration',
    '',
    'One YAML file, given with `-c FILE`, else `/etc/varde/varde.yaml`. Unknown keys are errors, with line and column.',
    'Editors check it with `varde.schema.json`. `varde up --check -c FILE` checks it without starting.',
    'A running station reads it again on SIGHUP; a broken file leaves the old configuration running. `data`, `store.fresh_folder` and what stands',
    'below `web` come into force only at a restart: the log and `varde doctor` name such keys where they changed.',
    '',
  ];
  section(lines, '', schema(), 2);
  return lines.join('\n').trimEnd() + '\n';
}

function section(lines: string[], path: string, node: Node, depth: number): void {
  const keys = Object.entries(node.properties ?? {});
  if (keys.length === 0) return;
  lines.push('| key | type | default | meaning |', '|---|---|---|---|');
  for (const [name, child] of keys) {
    const fallback =
      node.required?.includes(name) === true ? '(required)' : child.default === undefined ? '–' : code(child.default);
    const example = child.example === undefined ? '' : ` Example: ${code(child.example)}.`;
    lines.push(
      `| \`${path}${name}\` | ${typeName(child)} | ${isSection(child) ? '–' : fallback} | ${(child.description ?? '').replaceAll('|', '\\|')}${example} |`,
    );
  }
  lines.push('');
  for (const [name, child] of keys) {
    const full = `${path}${name}${child.type === 'array' ? '[]' : ''}`;
    for (const inner of formsOf(child.type === 'array' ? child.items : child)) {
      const form = inner.properties?.['type']?.const;
      lines.push(`${'#'.repeat(depth)} \`${full}\`${form === undefined ? '' : `, type ${code(form)}`}`, '');
      lines.push(inner.description ?? '', '');
      section(lines, `${full}.`, inner, depth + 1);
    }
  }
}

/** The section, or each of its forms; nothing where it is no section. */
function formsOf(node: Node | undefined): Node[] {
  if (node === undefined) return [];
  const forms = node.oneOf ?? node.anyOf ?? [node];
  return forms.every((form) => form.properties !== undefined) ? forms : [];
}

function isSection(node: Node): boolean {
  return node.properties !== undefined;
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function typeName(node: Node): string {
  if (node.const !== undefined) return code(node.const);
  if (node.enum !== undefined) return node.enum.map(code).join(' or ');
  if (node.type === 'array')
    return formsOf(node.items).length > 0 ? 'list of sections' : `list of ${itemName(node.items)}`;
  if (isSection(node)) return 'section';
  const bounds = [
    node.minimum === undefined ? '' : `≥ ${node.minimum}`,
    node.maximum === undefined || node.maximum >= Number.MAX_SAFE_INTEGER ? '' : `≤ ${node.maximum}`,
  ].filter((text) => text !== '');
  return `${node.type ?? 'value'}${bounds.length > 0 ? ` (${bounds.join(', ')})` : ''}`;
}

function itemName(item: Node | undefined): string {
  if (item?.enum !== undefined) return typeName(item);
  return item?.type ?? (item?.anyOf ?? []).map(({ type }) => type ?? 'value').join(' or ');
}

/** `config/varde.example.yaml`: every key with its meaning; what differs from the default is commented out. */
export function renderExampleConfig(): string {
  const lines = [
    '# Varde: every key, with its meaning and its default. Only what you change needs to stand in your file.',
    '# yaml-language-server: $schema=../varde.schema.json',
    '',
  ];
  example(lines, schema(), '');
  return lines.join('\n').trimEnd() + '\n';
}

/** `commented`: the lines will stand behind a `#`, so that nothing in them needs one of its own. */
function example(lines: string[], node: Node, indent: string, commented = false): void {
  let dash = indent.endsWith('- ');
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const pad = dash ? indent.slice(0, -2) : indent;
    for (const line of wrap(child.description ?? '', 110)) lines.push(`${pad}# ${line}`);
    const lead = dash ? indent : pad;
    const required = node.required?.includes(name) === true;
    if (isSection(child) && !required && child.default === undefined) {
      const inner: string[] = [];
      example(inner, child, '  ', true);
      if (inner.at(-1) === '') inner.pop();
      lines.push(`${pad}# ${name}:`, ...inner.map((line) => `${pad}# ${line}`.trimEnd()), '');
    } else if (isSection(child)) {
      lines.push(`${lead}${name}:`);
      example(lines, child, pad + '  ', commented);
      if (lines.at(-1) !== '') lines.push('');
    } else if (child.type === 'array' && formsOf(child.items).length > 0) {
      list(lines, name, child, lead, pad, commented);
    } else {
      const value = child.const ?? (required ? child.example : (child.default ?? child.example));
      const optional = !required && child.default === undefined;
      lines.push(`${optional ? lead.replace(/- $/, '') + '# ' : lead}${name}: ${yamlValue(value)}`);
      if (optional && dash) continue;
    }
    if (dash) {
      indent = indent.slice(0, -2) + '  ';
      dash = false;
    }
  }
}

/**
 * A list of sections: one item, or one of each form. What is read stands as it is, since a station without a source does nothing; every other
 * list is commented out: nobody wants to send probes to an example's address.
 */
function list(lines: string[], name: string, node: Node, lead: string, pad: string, commented: boolean): void {
  const live = commented || name === 'sources';
  const items: string[] = [];
  for (const form of formsOf(node.items)) example(items, form, live ? pad + '  - ' : '  - ', commented);
  lines.push(`${live ? lead : pad + '# '}${name}:`);
  lines.push(...items.map((line) => (live ? line : `${pad}# ${line}`).trimEnd()), '');
}

function yamlValue(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((v) => (typeof v === 'string' ? `'${v}'` : String(v))).join(', ')}]`;
  return String(value);
}

function wrap(text: string, width: number): string[] {
  const out: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      out.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') out.push(line);
  return out;
}
