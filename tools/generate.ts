import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { GENERATED } from './generated.ts';

for (const [path, render] of Object.entries(GENERATED)) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, render());
  process.stdout.write(`wrote ${path}\n`);
}
