import { visibleText } from '../../base/text-safe.ts';

const LONGEST_REASON = 1000;

/**
 * POSTs JSON. Anything but 2xx is a failure: a redirect is not followed, since it would carry the message (and a token) to where nobody
 * configured it to go.
 */
export async function postJson(
  call: typeof fetch,
  url: string,
  body: unknown,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const response = await call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'varde', ...headers },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal,
  }).catch((error: unknown) => {
    throw new Error(reason(error), { cause: error });
  });
  if (response.ok) {
    await response.body?.cancel();
    return;
  }
  const text = await beginning(response).catch(() => '');
  throw new Error(`${response.status} ${visibleText(text.slice(0, 200))}`.trim());
}

/** The first bytes of an answer; whoever sends without end must not fill the memory. */
async function beginning(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (length < LONGEST_REASON) {
    const part = await reader?.read();
    if (part?.value === undefined) break;
    chunks.push(part.value);
    length += part.value.length;
  }
  await reader?.cancel();
  return Buffer.concat(chunks).toString('utf8');
}

/** `fetch failed` alone helps nobody: the system's code stands in its cause. */
function reason(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown; message?: unknown } } | null)?.cause;
  if (typeof cause?.code === 'string') return cause.code;
  if (typeof cause?.message === 'string') return cause.message;
  return error instanceof Error ? error.message : String(error);
}
