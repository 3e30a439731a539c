import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { captureRealPrograms } from '../test/lab/captured.ts';
import { makeFixtures } from '../test/lab/fixtures.ts';
import { ensureLabSoftware } from '../test/lab/packages.ts';
import { makeIngredients } from '../test/lab/recorded.ts';
import { record } from '../test/lab/record.ts';
import { SURICATA_7 } from '../test/lab/suricata.ts';
import { ensureSuricata8 } from '../test/lab/suricata8.ts';

const HELP = `The lab: makes the recording and the parsers' fixtures with real Suricata 7 and 8. Run from the project's top folder.
  lab record      test/lab/recording: the day of the household
  lab fixtures    src/parse/*/fixtures: lines of every event type
  --keep DIR      work in DIR and keep it (packets, configuration, full logs)`;

async function main(args: readonly string[]): Promise<number> {
  const keepAt = args.indexOf('--keep');
  const kept = keepAt >= 0 ? args[keepAt + 1] : undefined;
  const work = kept === undefined ? mkdtempSync(join(tmpdir(), 'varde-lab-run-')) : resolve(kept);
  try {
    const eight = ensureSuricata8();
    const programs = eight === null ? [SURICATA_7] : [SURICATA_7, eight];
    const obstacle = process.getuid?.() === 0 ? ensureLabSoftware().join(', ') : 'not root';
    if (obstacle !== '') process.stderr.write(`lab: the day goes without the capture of real programs (${obstacle})\n`);
    const found = await makeIngredients(obstacle === '' ? await captureRealPrograms(join(work, 'captured')) : []);
    if (args[0] === 'fixtures') {
      for (const line of await makeFixtures(programs, found, work, 'src/parse')) process.stdout.write(`${line}\n`);
      return 0;
    }
    if (args[0] === 'record') {
      for (const line of await record(programs, found, work, 'test/lab/recording')) process.stdout.write(`${line}\n`);
      return 0;
    }
    process.stderr.write(`${HELP}\n`);
    return 2;
  } finally {
    if (kept === undefined) rmSync(work, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
