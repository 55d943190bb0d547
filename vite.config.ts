import { builtinModules } from 'node:module';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
const fromRoot = (path: string): string => join(root, path);
const builtins = [...builtinModules, /^node:/];

/** Packages that find files beside themselves on the disk: bundling would break those paths. */
const unbundled = [/^fluent-ffmpeg/, /^ffmpeg-static/, /^@ffmpeg-installer\//];

/** The licences of what is bundled, for the package (electron-builder.yml). */
const license = { fileName: 'third-party-licenses.md' };

/** One build, three outputs: the page, the main process, the preload. */
export default defineConfig({
  root: fromRoot('renderer'),
  // Absolute paths below the app's own scheme (main/shell/app-protocol.ts).
  base: '/',
  publicDir: false,
  plugins: [react()],
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) await builder.build(environment);
    },
  },
  environments: {
    client: {
      build: {
        outDir: fromRoot('dist/renderer'),
        license,
        emptyOutDir: true,
        target: 'chrome142',
        // A data: URL is no way around the page's content security policy, and files are local anyway.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rolldownOptions: { input: fromRoot('renderer/index.html') },
      },
    },
    main: {
      consumer: 'server',
      resolve: { noExternal: true, external: [], builtins, conditions: ['node', 'import', 'module', 'default'] },
      build: {
        outDir: fromRoot('dist/main'),
        license,
        emptyOutDir: true,
        target: 'node24',
        minify: false,
        sourcemap: true,
        rolldownOptions: {
          platform: 'node',
          input: {
            entry: fromRoot('main/shell/entry.ts'),
            // A thread is started from a file of its own (main/recording/scan-in-worker.ts).
            'scan-worker': fromRoot('main/recording/scan-worker.ts'),
          },
          external: ['electron', ...builtins, ...unbundled],
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
        },
      },
    },
    preload: {
      consumer: 'server',
      resolve: { noExternal: true, external: [], builtins },
      build: {
        outDir: fromRoot('dist/preload'),
        emptyOutDir: true,
        target: 'chrome142',
        minify: false,
        rolldownOptions: {
          input: { preload: fromRoot('preload/preload.ts') },
          external: ['electron'],
          // A sandboxed preload is loaded as one CommonJS script.
          output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
        },
      },
    },
  },
});
