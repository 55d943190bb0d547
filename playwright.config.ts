import { defineConfig } from '@playwright/test';

// Electron apps only: no browser is downloaded, and a test that passes only at the second try is a failed test.
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.test.ts',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 90_000,
  globalTimeout: 13 * 60_000,
  expect: { timeout: 10_000 },
  reporter: 'list',
  outputDir: '.cache/e2e-results',
  use: { trace: 'off', screenshot: 'off', video: 'off' },
});
