import type { Entry } from './catalogue.ts';
import type { Core } from './core.ts';
import { prepareFreshFolder } from './fresh-folder.ts';

/**
 * A fresh segment is lost. Its lines must be read again, so the records go back to before it, and the fresh ones behind it, which the sources
 * will deliver anew with it, are set aside. Batches begun before are refused from now on (`generation`): the pipeline starts again from the
 * records.
 */
export async function fallBack(core: Core, lost: Entry, reason: string): Promise<void> {
  const fresh = core.catalogue.all('fresh');
  const kept = fresh.filter((e) => e.seq < lost.from);
  const behind = fresh.filter((e) => e.from > lost.seq);
  core.generation++;
  core.last = kept.at(-1)?.seq ?? core.durable;
  core.catalogue.resetRecords([...core.durable_records.values(), ...kept.flatMap((e) => e.records)]);
  await core.catalogue.setAside(lost, reason, false);
  for (const entry of behind)
    await core.catalogue.setAside(entry, `the fresh segment before it is lost (${lost.stem})`, false);
  // Whoever removed the files may have removed the folder.
  core.fresh = await prepareFreshFolder(core.options.folder, core.options.fresh_folder);
}
