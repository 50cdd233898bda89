// @module-tag vitest
import { expect, test } from 'vitest'
import { answers, ONE_CACHE, project } from '../support/project.ts'
import { named } from '../support/projects/workspace.ts'
import { passed, runVitest } from '../support/vitest.ts'

/** Projects a and b that inherit the plugin from their root. */
const inheriting = {
  'vitest.config.ts': `
    import { defineConfig } from 'vitest/config'
    import vitestCluster from 'vitest-cluster/plugin'

    export default defineConfig({
      plugins: [vitestCluster()],
      test: {
        projects: [
          { extends: true, root: './a', test: { name: 'a' } },
          { extends: true, root: './b', test: { name: 'b' } },
        ],
      },
    })
  `,
}

const oneDefinition = {
  'cluster.config.ts': ONE_CACHE,
  'a/answers.spec.ts': answers('../cluster.config.ts'),
  'b/answers.spec.ts': answers('../cluster.config.ts'),
}

const below = ONE_CACHE.replace('./cache.ts', '../cache.ts')
const twoDefinitions = {
  'a/cluster.config.ts': below,
  'a/answers.spec.ts': answers(),
  'b/cluster.config.ts': below,
  'b/answers.spec.ts': answers(),
}

const workspaces = [
  {
    files: { ...inheriting, ...oneDefinition },
    what: 'inherit the plugin and one definition',
    sessions: 1,
  },
  {
    files: { ...named, ...oneDefinition },
    what: 'have the plugin each, and one definition',
    sessions: 1,
  },
  {
    files: { ...inheriting, ...twoDefinitions },
    what: 'inherit the plugin, not the definition',
    sessions: 2,
  },
  {
    files: { ...named, ...twoDefinitions },
    what: 'have plugin and definition each',
    sessions: 2,
  },
]

test.for(workspaces)(
  'projects that $what have $sessions session(s)',
  async ({ files, sessions }) => {
    const outcome = await runVitest(project(files))
    expect(outcome.output).toMatch(passed(2))
    expect(outcome).toMatchObject({ exitCode: 0, sessions })
  },
)
