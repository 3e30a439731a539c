import { defineConfig } from 'vitest/config';

/** Test levels (CONTRIBUTING.md): `npx vitest run --project unit`, and so on. */
/* Time limits are for hangs only: a busy machine may take many times as long. */
const level = (
  name: string,
  include: string[],
  options: { timeout?: number; serial?: boolean; setup?: string } = {},
) => ({
  test: {
    name,
    include,
    testTimeout: options.timeout ?? 120_000,
    hookTimeout: options.timeout ?? 120_000,
    fileParallelism: options.serial !== true,
    pool: 'forks' as const,
    setupFiles: options.setup === undefined ? [] : [options.setup],
  },
});

export default defineConfig({
  test: {
    // As a rule one core is left to the tool itself, which has next to nothing to do: on two cores that would halve the speed.
    maxWorkers: '100%',
    projects: [
      level('unit', ['src/**/*.test.ts', 'web/**/*.test.ts', 'tools/**/*.test.ts', 'test/house/**/*.test.ts']),
      level('fuzz', ['test/fuzz/**/*.test.ts'], { timeout: 300_000, setup: 'test/fuzz/setup.ts' }),
      level('pipeline', ['test/pipeline/**/*.test.ts'], { timeout: 900_000, serial: true }),
      level('lab', ['test/lab/**/*.test.ts'], { timeout: 300_000, serial: true }),
      level('ui', ['test/ui/**/*.test.ts'], { timeout: 300_000, serial: true }),
    ],
  },
});
