import { ALIASES } from './aliases.ts';
import { type FieldKind, KNOWN_FIELDS } from './fields.ts';

const KINDS: Readonly<Record<FieldKind, string>> = {
  text: 'text',
  number: 'number',
  ip: 'address',
  time: 'time',
  any: 'by its value',
  line: 'text',
};

/** `docs/reference/fields.md`, from the field registry. */
export function renderFieldReference(): string {
  const rows = KNOWN_FIELDS.map(
    ({ name, aliases, kind, column, title }) =>
      `| \`${name}\` | ${aliases.map((alias) => `\`${alias}\``).join(', ')} | ${KINDS[kind]} | ${column === null ? '' : 'yes'} | ${title} |`,
  );
  const rest = [...ALIASES].filter(
    ([, fields]) => fields.length > 1 || !KNOWN_FIELDS.some(({ name }) => name === fields[0]),
  );
  return [
    '# Fields',
    '',
    'This page is generated from `src/search/fields.ts` and `src/search/aliases.ts`. [The search language](../search.md) takes every name here, every',
    'column name of [SQL](sql.md) (`source_ip`), and any other path of an event: `dns.answers.ttl` is looked for in the document, and where it',
    'has no such field under `suricata.eve.`. Fields with a column are answered without reading lines.',
    '',
    '| field | also | kind | column | meaning |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    'Other short names, and paths of eve.json that moved to an ECS field:',
    '',
    '| name | means |',
    '|---|---|',
    ...rest.map(([alias, fields]) => `| \`${alias}\` | ${fields.map((field) => `\`${field}\``).join(' or ')} |`),
    '',
  ].join('\n');
}
