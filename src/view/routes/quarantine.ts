import { isUtf8 } from 'node:buffer';
import { REJECT_CODES } from '../../parse/parser.ts';
import type { QuarantinedLine } from '../../store/store.ts';
import type { QuarantinePage } from '../api.ts';
import { json } from '../respond.ts';
import { defineRoute } from '../route.ts';

/** A page of lines must stay small; the whole line comes with `varde query --quarantine --raw`. */
const PAGE_LINES = 1000;
const MAX_SHOWN_BYTES = 64 * 1024;

export const quarantine = defineRoute({
  method: 'GET',
  path: '/api/quarantine',
  question: 'quarantine',
  run: async ({ deps, params, side }) => {
    // The command line may ask for all of it; a page never needs that.
    const limit = params.int('limit', { min: 1, max: side.kind === 'socket' ? 1_000_000 : PAGE_LINES, fallback: 100 });
    const offset = params.int('offset', { min: 0, max: 1e9, fallback: 0 });
    const filter = { source: params.text('source', 200) ?? undefined, code: params.text('code', 100) ?? undefined };
    const page = await deps.questions().quarantine({ ...filter, limit: Math.min(limit, PAGE_LINES), offset });
    const { lines } = page;
    // The store gives a page at a time.
    while (lines.length < limit && offset + lines.length < page.total) {
      const most = Math.min(limit - lines.length, PAGE_LINES);
      const more = await deps.questions().quarantine({ ...filter, limit: most, offset: offset + lines.length });
      if (more.lines.length === 0) break;
      lines.push(...more.lines);
    }
    const answer: QuarantinePage = {
      total: page.total,
      by_code: page.by_code.map((one) => ({ ...one, title: title(one.code) })),
      lines: lines.map(shown),
    };
    return json(answer);
  },
});

export const quarantineRetry = defineRoute({
  method: 'POST',
  path: '/api/quarantine/retry',
  run: async ({ deps }) => {
    const result = await deps.retryQuarantine();
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
