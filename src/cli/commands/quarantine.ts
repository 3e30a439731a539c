import { PARSERS } from '../../parse/parsers.ts';
import { openStore } from '../../pipeline/open-store.ts';
import { resolveSettings, type CommonOptions } from '../settings.ts';
import { postJson, stationAnswers } from '../station-client.ts';

interface Retried {
  tried: number;
  stored: number;
}

/** `varde quarantine retry`: parses the refused lines again; what is an event now moves into the store. */
export async function retry(options: CommonOptions & { json?: boolean }): Promise<number> {
  const { config } = resolveSettings(options);
  const result = (await stationAnswers(config.data))
    ? await postJson<Retried>(config.data, '/api/quarantine/retry', {}, { limitMs: null })
    : await retryHere(config);
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(result)}\n`
      : `Tried ${result.tried} quarantined lines: ${result.stored} are events now, ${result.tried - result.stored} stay.\n`,
  );
  return 0;
}

async function retryHere(config: Parameters<typeof openStore>[0]): Promise<Retried> {
  const store = await openStore(config);
  try {
    return await store.retryQuarantine(PARSERS);
  } finally {
    await store.close();
  }
}
