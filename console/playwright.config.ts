import { defineConfig } from '@playwright/test';

/** In Debian's Chromium, against a worker of its own for each test. See tests/support/worker.ts for what must be set. */
export default defineConfig({
  testDir: 'tests',
  globalSetup: './tests/support/seed.ts',
  // Each test has a worker process, and the machine few cores.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: 'list',
  outputDir: 'test-results',
  use: {
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      // Chromium refuses to sandbox itself as root, as which containers run.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    trace: 'off',
  },
});
