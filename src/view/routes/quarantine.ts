import { isUtf8 } from 'node:buffer';
import { REJECT_CODES } from '../../parse/parser.ts';
import type { QuarantinedLine, QuarantineFilter } from '../../store/store.ts';
import type { QuarantinePage, QuarantinedLineJson } from '../api.ts';
import type { Params } from '../params.ts';
import { json } from '../respond.ts';
import { defineRoute } from '../route.ts';
import { NDJSON_TYPE, streamResponse } from '../stream.ts';

/** A page of lines must stay small; the whole line comes with the export, and with `varde query --quarantine --raw`. */
const PAGE_LINES = 1000;
const MAX_SHOWN_BYTES = 64 * 1024;

const filter = (params: Params): QuarantineFilter => ({
  source: params.text('source', 200) ?? undefined,
  code: params.text('code', 100) ?? undefined,
});

export const quarantine = defineRoute({
  method: 'GET',
  path: '/api/quarantine',
  question: 'quarantine',
  run: async ({ deps, params, signal }) => {
    const limit = params.int('limit', { min: 0, max: PAGE_LINES, fallback: 100 });
    const offset = params.int('offset', { min: 0, max: 1e9, fallback: 0 });
    const page = await deps.questions().quarantine({ ...filter(params), limit, offset }, { signal });
    const answer: QuarantinePage = {
      total: page.total,
      by_code: page.by_code.map((one) => ({ ...one, title: title(one.code) })),
      lines: page.lines.map((line) => shown(line, MAX_SHOWN_BYTES)),
    };
    return json(answer);
  },
});

/** The whole quarantine in one scan, each line as long as it is: NDJSON. */
export const exportQuarantine = defineRoute({
  method: 'GET',
  path: '/api/quarantine/export',
  question: 'quarantine_export',
  run: (call) => {
    const { deps, params } = call;
    const asked = {
      ...filter(params),
      limit: params.int('limit', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }),
    };
    const headers = { 'content-disposition': 'attachment; filename="varde-quarantine.ndjson"' };
    // As with events: what ends early must not be taken for the whole, so the connection breaks.
    const options = { type: NDJSON_TYPE, route: '/api/quarantine/export', headers, failure: () => null };
    return streamResponse(call, options, async function* (signal) {
      for await (const part of deps.questions().quarantined(asked, { signal }))
        yield part.map((line) => `${JSON.stringify(whole(line))}\n`).join('');
    });
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

function shown({ line, parser: _parser, ...rest }: QuarantinedLine, most: number): QuarantinedLineJson {
  const head = line?.subarray(0, most) ?? null;
  return {
    ...rest,
    text: head?.toString('utf8') ?? null,
    hex: line === null || isUtf8(line) ? null : head!.toString('hex'),
  };
}

/** Either the text or the bytes: each line can be had back byte for byte. */
function whole(line: QuarantinedLine): QuarantinedLineJson {
  const all = shown(line, Infinity);
  return all.hex === null ? all : { ...all, text: null };
}
