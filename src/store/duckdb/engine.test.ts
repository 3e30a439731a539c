import { afterAll, beforeAll, expect, test } from 'vitest';
import { Engine } from './engine.ts';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ ingest_memory_bytes: 100e6, question_memory_bytes: 100e6 });
});
afterAll(() => engine.close());

const ENDLESS = 'SELECT count(*) FROM range(1000000000000) a';

test('an aborted question is interrupted, and its connection answers the next one', async () => {
  const abort = new AbortController();
  const asked = engine.withQuestionConnection(abort.signal, async (connection) => {
    setTimeout(() => abort.abort(), 20);
    return connection.runAndReadAll(ENDLESS);
  });
  await expect(asked).rejects.toMatchObject({ code: 'query_cancelled' });
  const one = await engine.withQuestionConnection(undefined, async (c) =>
    (await c.runAndReadAll('SELECT 1')).getRows(),
  );
  expect(one).toEqual([[1]]);
});

test('an abort between two statements stops the second one', async () => {
  const abort = new AbortController();
  const asked = engine.withQuestionConnection(abort.signal, async (connection) => {
    await connection.run('SELECT 1');
    abort.abort();
    return connection.runAndReadAll(ENDLESS);
  });
  await expect(asked).rejects.toMatchObject({ code: 'query_cancelled' });
});

test('questions beyond the number of connections wait; one that is aborted while it waits leaves the queue', async () => {
  const holders = Array.from({ length: 4 }, () => new AbortController());
  const held = holders.map((h) => engine.withQuestionConnection(h.signal, (c) => c.runAndReadAll(ENDLESS)));
  const ended = held.map((h) => expect(h).rejects.toMatchObject({ code: 'query_cancelled' }));
  const impatient = new AbortController();
  const gaveUp = engine.withQuestionConnection(impatient.signal, async () => 'never');
  const patient = engine.withQuestionConnection(undefined, async (c) => (await c.runAndReadAll('SELECT 2')).getRows());
  impatient.abort();
  await expect(gaveUp).rejects.toMatchObject({ code: 'query_cancelled' });
  for (const h of holders) h.abort();
  await Promise.all(ended);
  expect(await patient).toEqual([[2]]);
});

test("the engine's own error comes out as it is", async () => {
  await expect(engine.withQuestionConnection(undefined, (c) => c.run('SELECT nonsense'))).rejects.toThrow(
    /Binder Error/,
  );
});

test('after an error that makes the instance unusable the next question gets a new one, and running ones end on the old', async () => {
  let end = () => {};
  const running = engine.withQuestionConnection(undefined, async (c) => {
    await c.run('CREATE TABLE old (i INTEGER)');
    await new Promise<void>((resolve) => (end = resolve));
    return (await c.runAndReadAll('SELECT count(*) FROM old')).getRows();
  });
  await expect(
    engine.withQuestionConnection(undefined, async () => {
      throw new Error('FATAL Error: Failed: database has been invalidated because of a previous fatal error.');
    }),
  ).rejects.toThrow(/invalidated/);
  const tables = () =>
    engine.withQuestionConnection(undefined, async (c) =>
      (await c.runAndReadAll('SELECT table_name FROM duckdb_tables()')).getRows(),
    );
  expect(await tables()).toEqual([]);
  end();
  expect(await running).toEqual([[0n]]);
  for (let i = 0; i < 6; i++) expect(await tables()).toEqual([]);
});

test('nothing can be loaded or downloaded, and nothing spills into the working directory', async () => {
  const settings = await engine.withQuestionConnection(undefined, async (c) => {
    const reader = await c.runAndReadAll(
      "SELECT name, value FROM duckdb_settings() WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions', 'temp_directory') ORDER BY name",
    );
    return reader.getRows();
  });
  expect(settings).toEqual([
    ['autoinstall_known_extensions', 'false'],
    ['autoload_known_extensions', 'false'],
    ['temp_directory', ''],
  ]);
});

test('instances that nobody uses are let go, and made anew for the next', async () => {
  const own = new Engine({ ingest_memory_bytes: 100e6, question_memory_bytes: 100e6 });
  const one = async (): Promise<unknown> =>
    own.withQuestionConnection(undefined, async (c) => (await c.runAndReadAll('SELECT 1')).getRows());
  expect(own.isResting(0)).toBe(false);
  await one();
  await (await own.ingestConnection()).run('CREATE TABLE here (i INTEGER)');
  expect(own.isResting(60_000)).toBe(false);
  let end = (): void => {};
  const running = own.withQuestionConnection(undefined, () => new Promise<void>((resolve) => (end = resolve)));
  await own.rest(-1);
  // The one that answers is in use; the one that writes has forgotten its table.
  await expect((await own.ingestConnection()).run('SELECT * FROM here')).rejects.toThrow(/does not exist/);
  end();
  await running;
  await own.rest(-1);
  expect(own.isResting(-1)).toBe(false);
  expect(await one()).toEqual([[1]]);
  await own.close();
});
