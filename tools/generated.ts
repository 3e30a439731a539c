import { ERROR_CODES } from '../src/base/error-codes.ts';
import { renderConfigReference, renderExampleConfig, renderJsonSchema } from '../src/config/reference.ts';
import { CAUSES } from '../src/detect/heartbeat/causes.ts';
import { REJECT_CODES } from '../src/parse/parser.ts';
import { renderFieldReference } from '../src/search/reference.ts';
import { renderSqlReference } from '../src/store/duckdb/questions/sql-reference.ts';
import { renderTelemetryReference } from '../src/telemetry/reference.ts';

/** Every file that is made from the code, by its path; `npm run generate` writes them and a test holds them to the code. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'varde.schema.json': renderJsonSchema,
  'docs/reference/config.md': renderConfigReference,
  'config/varde.example.yaml': renderExampleConfig,
  'docs/reference/errors.md': renderErrors,
  'docs/reference/causes.md': renderCauses,
  'docs/reference/telemetry.md': renderTelemetryReference,
  'docs/reference/sql.md': renderSqlReference,
  'docs/reference/fields.md': renderFieldReference,
};

function renderCauses(): string {
  const rows = Object.entries(CAUSES).map(
    ([code, { hop, message, remedy }]) => `| \`${code}\` | ${hop} | ${message} | ${remedy} |`,
  );
  return [
    '# Causes of a broken heartbeat',
    '',
    'What the verdict on a [heartbeat](../heartbeat.md) names: a stable code, the hop where the chain broke, what happened, and what to do.',
    '',
    '| code | hop | what happened | what to do |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function renderErrors(): string {
  const errors = Object.entries(ERROR_CODES).map(
    ([code, { exit, http, title, remedy }]) => `| \`${code}\` | ${title} | ${remedy} | ${exit} | ${http} |`,
  );
  const rejects = Object.entries(REJECT_CODES).map(([code, title]) => `| \`${code}\` | ${title} |`);
  return [
    '# Errors',
    '',
    'Every error has a stable code. The command line prints it in brackets behind the message, the HTTP API gives it as `error.code`.',
    '',
    '| code | what happened | what to do | exit code | HTTP |',
    '|---|---|---|---|---|',
    ...errors,
    '',
    '## Why a line is in the quarantine',
    '',
    'A line that cannot become an event is kept verbatim with one of these codes: `varde query --quarantine`.',
    '',
    '| code | reason |',
    '|---|---|',
    ...rejects,
    '',
  ].join('\n');
}
