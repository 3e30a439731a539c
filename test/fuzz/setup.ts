import * as fc from 'fast-check';

/**
 * CI walks the same ways each time, so that what it finds is about the change at hand; everywhere else each run walks others. `VARDE_SEED=n`
 * names a way.
 */
const seed = process.env['VARDE_SEED'] ?? (process.env['CI'] === 'true' ? '20261124' : undefined);
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
