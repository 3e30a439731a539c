import { existsSync } from 'node:fs';
import { defineConfig } from 'vite';

/** The daemon and the tools: one ES module per entry, shared code in chunks, loaded lazily per command. */
const entries: Record<string, string> = {
  main: 'src/main.ts',
  check: 'src/check/main.ts',
  'tzsp-worker': 'src/packet/inject/worker.ts',
  'tools/generate': 'tools/generate.ts',
  'tools/bench': 'tools/bench.ts',
  'tools/test': 'tools/test.ts',
  'tools/lab': 'tools/lab.ts',
};

export default defineConfig({
  build: {
    ssr: true,
    target: 'node20',
    outDir: 'dist',
    emptyOutDir: true,
    sourcemap: true,
    minify: false,
    rollupOptions: {
      input: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file))),
      external: [/^node:/, '@duckdb/node-api', 'koffi', 'libsql', 'playwright-core'],
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js', format: 'es' },
    },
  },
  // Everything but the native packages is bundled: fewer files to open makes `varde --help` start faster.
  ssr: { noExternal: true, external: ['@duckdb/node-api', 'koffi', 'libsql', 'playwright-core'] },
});
