import { defineConfig } from 'vitest/config'

/**
 * Three projects: `unit` (pure and in-process, non-isolated for speed), `interop` (real third-party clients
 * in network namespaces) and `e2e` (real firmware in QEMU). Interop and e2e run one file at a time: they
 * share the machine's two cores and its namespaces. A test there gets a second try, which the reporter names: it
 * waits for programs of others that share those cores, and some of them give up by the clock.
 */
export default defineConfig({
  test: {
    // Not one core less, as is the default: on two cores that would leave one.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**', 'test/e2e/**', 'node_modules/**'],
          isolate: false,
          setupFiles: ['test/seed.ts'],
          // A hang is told, and a machine that does other things as well is not taken for one.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          fileParallelism: false,
          retry: 1,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          retry: 1,
          testTimeout: 900_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
})
