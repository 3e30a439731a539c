import { check } from './check.ts';

// The entry of its own that bin/varde jumps to: nothing of the rest of the command line is loaded.
// The exit is explicit: a hanging read below /proc or NFS would keep the process alive.
process.exit(await check(process.argv.slice(3)));
