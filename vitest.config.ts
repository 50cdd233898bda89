import { configDefaults, defineConfig } from 'vitest/config'
import { AXES } from './test/runner/axes.ts'

/** Loads the machine as much as it can bear, or takes minutes: npm run test:all. */
const LONG = ['test/stress/**', '**/*.long.test.ts']
/** Needs a machine of its own: npm run test:vm. */
const MACHINE = 'test/vm/**'

/** A group of tests, by what they start. A file is of the first group that takes it. */
const groups: Record<string, { include: string[]; exclude?: string[]; isolate?: false }> = {
  // No process: what is left when systemd is not asked. In one worker each, the modules are loaded once for all files
  unit: {
    include: ['packages/*/test/**/*.unit.test.ts', 'test/**/*.unit.test.ts'],
    isolate: false,
  },
  // Root file systems and their cache
  trees: {
    include: ['packages/*/test/tree/**/*.test.ts', 'test/cli/{tree,clean}.test.ts'],
    exclude: ['**/*.unit.test.ts'],
  },
  // Vitest, with the plugin
  vitest: { include: ['test/vitest/**/*.test.ts'], exclude: ['**/*.unit.test.ts'] },
  // Services in sessions: the rest
  session: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [
      '**/*.unit.test.ts',
      'packages/*/test/tree/**',
      'test/cli/{tree,clean}.test.ts',
      'test/vitest/**',
    ],
  },
}

export default defineConfig({
  test: {
    tags: AXES,
    // Built, and loaded by Node as in a project that installs it
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    // Sessions start real services: with three files at once two cores have no time to wait
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      ...Object.entries(groups).map(([name, { exclude = [], ...group }]) => ({
        extends: true as const,
        test: {
          ...group,
          name,
          exclude: [...configDefaults.exclude, MACHINE, ...LONG, ...exclude],
        },
      })),
      // By itself, one file at a time: it counts seconds
      ...(process.env['VITEST_CLUSTER_TEST_LONG']
        ? [
            {
              extends: true as const,
              test: {
                name: 'long',
                include: LONG.map((glob) => (glob.endsWith('.ts') ? glob : `${glob}/*.test.ts`)),
                fileParallelism: false,
                sequence: { groupOrder: 1 },
              },
            },
          ]
        : []),
    ],
  },
})
