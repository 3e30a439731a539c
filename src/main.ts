import { run } from './cli/program.ts';

process.exitCode = await run(process.argv);
// The command has ended and everything is committed; what still runs (a large archive being unpacked) has nobody to hand its bytes to.
// Unreferenced: it ends a process that would live on, and delays none that would not.
setTimeout(() => process.exit(), 500).unref();
