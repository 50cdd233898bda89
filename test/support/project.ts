import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

/** Where a project's packages are installed: in this repository, or in the directory that scripts/packed made. */
export const INSTALLED = resolve(
  process.env['VITEST_CLUSTER_TEST_INSTALLED'] ?? join(import.meta.dirname, '../..'),
)

/** The text of each file of a project, by its path. It may be indented like the test around it. */
export type Files = Readonly<Record<string, string>>

/** A default vitest.config.ts is written if none is given. */
const PLUGIN = `import { defineConfig } from 'vitest/config'
import vitestCluster from 'vitest-cluster/plugin'

export default defineConfig({ plugins: [vitestCluster()] })
`

/** Modules that every project may import from its root: they are copied into it. */
const MODULES = ['cache', 'parrot', 'signal']

/** A cluster.config.ts with one service, which starts in milliseconds. */
export const ONE_CACHE = `import { defineCluster } from 'vitest-cluster'
import { cache } from './cache.ts'

export default defineCluster({ services: { cache: cache() } })
`

/** A spec file: the usual imports, then these lines. */
export function spec(tests: string, config = './cluster.config.ts'): string {
  return `import { expect } from 'vitest'
import { withCluster } from 'vitest-cluster/test'
import cluster from '${config}'

const test = withCluster(cluster)

${dedent(tests)}`
}

/** A spec file with one test, which passes with the service `cache`. */
export const answers = (config?: string) =>
  spec(
    `
test('the service answers', async ({ cache }) => {
  expect(await cache.ask('version')).toMatch(/^VERSION /)
})
`,
    config,
  )

/** A directory with a Vitest project, below the packages that it imports. */
export class Project {
  readonly directory: string

  constructor(files: Files) {
    const place = join(INSTALLED, 'test/.projects')
    mkdirSync(place, { recursive: true })
    this.directory = mkdtempSync(join(place, 'project-'))
    const texts = { 'vitest.config.ts': PLUGIN, ...files }
    for (const [path, text] of Object.entries({ ...texts, ...imported(Object.values(texts)) })) {
      mkdirSync(dirname(this.path(path)), { recursive: true })
      writeFileSync(this.path(path), dedent(text))
    }
  }

  /** The absolute path of a file of the project. */
  path(...names: readonly string[]): string {
    return join(this.directory, ...names)
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Writes a project, which is removed when the test ends. */
export function project(files: Files): Project {
  const written = new Project(files)
  onTestFinished(() => written.remove())
  return written
}

/** Removes the indentation of the first line from all lines. */
function dedent(text: string): string {
  const [, indent = ''] = /^\n( *)/.exec(text) ?? []
  return text.replace(/^\n/, '').replaceAll(new RegExp(`^${indent}`, 'gm'), '')
}

function imported(texts: readonly string[]): Files {
  const used = MODULES.filter((name) => texts.some((text) => text.includes(`/${name}.ts'`)))
  const read = (name: string) =>
    readFileSync(join(import.meta.dirname, 'projects/modules', `${name}.ts`), 'utf8')
  return Object.fromEntries(used.map((name) => [`${name}.ts`, read(name)]))
}
