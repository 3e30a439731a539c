import { isAbsolute } from 'node:path';
import { VardeError } from '../../base/errors.ts';
import { readJsonBody } from '../body.ts';
import { createMailbox } from '../mailbox.ts';
import { badRequest } from '../params.ts';
import { json } from '../respond.ts';
import { defineRoute } from '../route.ts';
import { lastLine, NDJSON_TYPE, streamResponse } from '../stream.ts';

const MAX_STATEMENT = 100_000;
const MAX_PATHS = 10_000;

export const sql = defineRoute({
  method: 'POST',
  path: '/api/sql',
  question: 'sql',
  run: async ({ deps, request, signal }) => {
    const { statement } = await readJsonBody(request);
    if (typeof statement !== 'string' || statement.trim() === '') throw badRequest('statement', 'must be SQL text.');
    if (statement.length > MAX_STATEMENT) throw badRequest('statement', `is longer than ${MAX_STATEMENT} characters.`);
    return json(await deps.questions().sql(statement, { signal }));
  },
});

/**
 * Imports files through the running station: `{ paths, parser? }` → NDJSON of `{ progress }`, then `{ result }` or an ApiError. Files are named
 * by absolute path (the command line and the station have different working folders). Going away stops it; the same call goes on later.
 */
export const importFiles = defineRoute({
  method: 'POST',
  path: '/api/import',
  socketOnly: true,
  run: async (call) => {
    const run = call.deps.importFiles;
    if (run === undefined) throw new VardeError('not_found', 'This station imports no files.');
    const { paths, parser } = await readJsonBody(call.request);
    const valid = Array.isArray(paths) && paths.length > 0 && paths.length <= MAX_PATHS && paths.every(isPath);
    if (!valid) throw badRequest('paths', `must be a list of 1 to ${MAX_PATHS} absolute paths.`);
    if (parser !== undefined && typeof parser !== 'string') throw badRequest('parser', 'must be the id of a parser.');
    return streamResponse(
      call,
      { type: NDJSON_TYPE, route: '/api/import', failure: lastLine },
      async function* (signal) {
        const box = createMailbox<{ progress: unknown } | { result: unknown }>();
        run(paths as string[], {
          parser: parser,
          signal,
          progress: (progress) => box.put({ progress }, (waiting) => 'progress' in waiting),
        }).then(
          (result) => {
            box.put({ result });
            box.end();
          },
          (error: unknown) => box.fail(error),
        );
        for await (const message of box) yield `${JSON.stringify(message)}\n`;
      },
    );
  },
});

const isPath = (path: unknown): boolean => typeof path === 'string' && isAbsolute(path) && !path.includes('\0');
