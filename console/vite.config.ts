import { defineConfig } from 'vite';

/** The worker that `npm run dev` passes calls on to. */
const worker = process.env['AI_WORKER_URL'] ?? 'http://127.0.0.1:8000';
const passedOn = {
  target: worker,
  changeOrigin: true,
  // The worker refuses browsers of other origins, and the development server is one.
  headers: { origin: worker },
};

export default defineConfig({
  // Relative, so that a proxy may serve the worker below a path of its own.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    // The Content-Security-Policy allows no data: URLs.
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        codeSplitting: false,
        // Stable names: the worker embeds these files by name.
        entryFileNames: 'console.js',
        assetFileNames: (asset) => (asset.names.some((name) => name.endsWith('.css')) ? 'console.css' : '[name][extname]'),
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/health', '/livez', '/readyz', '/metrics', '/openapi.json', '/docs'].map((path) => [path, passedOn]),
    ),
  },
});
