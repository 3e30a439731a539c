import { VardeError } from '../base/errors.ts';
import { badRequest } from './params.ts';

/** Statements and lists of paths are short; more is a mistake or an attack. */
export const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The body as a JSON object. Throws bad_request where it is too long, not JSON or no object. `application/json` is demanded, since a page of
 * another site cannot send it without being asked first (CORS preflight), unlike a form.
 */
export async function readJsonBody(request: Request): Promise<Record<string, unknown>> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw badRequest('content-type', 'must be application/json.');
  }
  let value: unknown;
  try {
    value = JSON.parse(await readText(request));
  } catch (error) {
    if (error instanceof VardeError) throw error;
    throw badRequest('body', 'is no valid JSON.');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw badRequest('body', 'must be a JSON object.');
  return value as Record<string, unknown>;
}

async function readText(request: Request): Promise<string> {
  const tooLong = badRequest('body', `is longer than ${MAX_BODY_BYTES} bytes.`);
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLong;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) break;
    length += part.value.length;
    if (length > MAX_BODY_BYTES) {
      await reader?.cancel();
      throw tooLong;
    }
    chunks.push(part.value);
  }
  return Buffer.concat(chunks).toString('utf8');
}
