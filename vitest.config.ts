import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

// Storage is isolated per file, so each file migrates once and each test makes a group of its own.
// No test is about time: what waits, waits as long as a slow and busy machine may take.
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000, interval: 20 } } }

export default defineConfig({
  test: {
    // A file mostly waits for its Worker, so that two go side by side on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { test: { ...patience, name: 'unit', include: ['test/unit/**/*.test.ts', 'test/tidy.test.ts'] } },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              workers: [
                {
                  name: 'quits-reader',
                  modules: true,
                  script: readFileSync('test/support/reader-stand-in.js', 'utf8'),
                  compatibilityDate: '2026-09-25',
                },
                {
                  name: 'quits-press',
                  modules: true,
                  script: readFileSync('test/support/press-stand-in.js', 'utf8'),
                  compatibilityDate: '2026-09-25',
                },
              ],
              bindings: {
                MIGRATIONS: await readD1Migrations('migrations'),
                ENVIRONMENT: 'local',
                RATE_LIMIT_SCALE: '1000000',
                PUBLIC_URL: '',
                JOBS_ORIGIN: 'https://api.test',
                OPERATORS: 'operator@mail.test',
                RATES_URL: '',
                WEBHOOK_TIMEOUT_MS: '300',
                OCR_WAIT_MS: '3000',
                SECRET: 'a-secret-of-the-tests-that-is-longer-than-32-bytes',
              },
            },
          })),
        ],
        test: {
          ...patience,
          name: 'worker',
          include: ['test/{api,group,jobs,dialects}/**/*.test.ts'],
          setupFiles: ['test/support/setup.ts'],
          globalSetup: ['test/support/receiver.ts', 'test/support/stripe-server.ts'],
        },
      },
    ],
  },
})
