import { defineConfig } from 'vite';

/** The page: static files with hashed names below dist/web, served by the station under a strict CSP (nothing inline, nothing foreign). */
export default defineConfig({
  root: 'web',
  base: '/',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // light-dark(), popover and nesting exist from these on; older browsers would need a second set of colours.
    target: ['chrome123', 'firefox125', 'safari17.5'],
    // A data: address would need an exception in the CSP.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
  },
});
