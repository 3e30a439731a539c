import { isUtf8 } from 'node:buffer';
import { REJECT_CODES } from '../../parse/parser.ts';
import type { QuarantinedLine } from '../../store/store.ts';
import { EVENTS } from '../../telemetry/event-list.ts';
import type { QuarantinePage } from '../api.ts';
import { json } from '../respond.ts';
import { defineRoute } from '../route.ts';

/** A page of lines must stay small; the whole line comes with `varde query --quarantine --raw`. */
const MAX_SHOWN_BYTES = 64 * 1024;

export const quarantine = defineRoute({
  method: 'GET',
  path: '/api/quarantine',
  question: 'quarantine',
  run: async ({ deps, params, side }) => {
    const page = await deps.questions().quarantine({
      // The command line may ask for all of it; a page never needs that.
      limit: params.int('limit', { min: 1, max: side.kind === 'socket' ? 1_000_000 : 1000, fallback: 100 }),
      offset: params.int('offset', { min: 0, max: 1e9, fallback: 0 }),
      source: params.text('source', 200) ?? undefined,
      code: params.text('code', 100) ?? undefined,
    });
    const answer: QuarantinePage = {
      total: page.total,
      by_code: page.by_code.map((one) => ({ ...one, title: title(one.code) })),
      lines: page.lines.map(shown),
    };
    return json(answer);
  },
});

export const quarantineRetry = defineRoute({
  method: 'POST',
  path: '/api/quarantine/retry',
  run: async ({ deps }) => {
    const result = await deps.retryQuarantine();
    deps.telemetry.emit(EVENTS.quarantine_retried, result);
    return json({ tried: result.tried, stored: result.stored });
  },
});

const title = (code: string): string =>
  Object.hasOwn(REJECT_CODES, code) ? REJECT_CODES[code as keyof typeof REJECT_CODES] : code;

function shown({ line, parser: _parser, ...rest }: QuarantinedLine): QuarantinePage['lines'][number] {
  const head = line?.subarray(0, MAX_SHOWN_BYTES) ?? null;
  return {
    ...rest,
    text: head?.toString('utf8') ?? null,
    hex: line === null || isUtf8(line) ? null : head!.toString('hex'),
  };
}
