import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { definitionOf, findConfig } from '../../src/definition/config-file.ts'
import { defineCluster } from '../../src/index.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'
import { scratchDirectory } from '../helpers/temporary.ts'

/** Makes directories `root/project/src` with these files. */
async function place(...files: readonly string[]) {
  const root = join(await scratchDirectory(), 'root')
  await mkdir(join(root, 'project/src'), { recursive: true })
  for (const file of files) await writeFile(join(root, file), '')
  return root
}
const notFound = (message: string) =>
  expect.objectContaining({ code: 'CONFIG_NOT_FOUND', message: expect.stringContaining(message) })

test('the nearest cluster.config is found upwards, as far as the root of the run', async () => {
  const root = await place('cluster.config.ts', 'project/cluster.config.mjs')
  const [project, source] = [join(root, 'project'), join(root, 'project/src')]
  expect(findConfig(source, root)).toBe(join(project, 'cluster.config.mjs'))
  expect(findConfig(root, root)).toBe(join(root, 'cluster.config.ts'))
  expect(() => findConfig(source, source)).toThrow(notFound(`no cluster.config.ts in ${source}`))
})

test('in a shell cluster.config is searched for up to /', async () => {
  const root = await place('../cluster.config.js')
  expect(findConfig(join(root, 'project/src'))).toBe(join(root, '../cluster.config.js'))
  expect(() => findConfig('/')).toThrow(notFound('no cluster.config.ts in /'))
  // A file that is not below the root of the run
  expect(() => findConfig('/', root)).toThrow(notFound('no cluster.config.ts in /'))
  const { fix } = refusal(() => findConfig('/'))
  expect(fix?.split('\n')).toEqual([
    'Write a cluster.config.ts with a default export:',
    '  export default defineCluster({ services: { ldap: ldap({ suffix: "dc=example" }) } })',
    "Or name another file. In Vitest: plugins: [vitestCluster({ config: './test/cluster.ts' })]",
    'In a shell: npx vitest-cluster --config ./test/cluster.ts …',
  ])
})

test('cluster.config.ts is preferred to other extensions', async () => {
  const names = ['ts', 'mts', 'js', 'mjs'].map((end) => `cluster.config.${end}`)
  for (const [first] of names.entries()) {
    const root = await place(...names.slice(first).reverse())
    expect(findConfig(root, root)).toBe(join(root, names[first] ?? ''))
  }
})

test("a path that is given is resolved from the project's directory", async () => {
  const root = await place('other.ts', 'project/cluster.config.ts')
  const project = join(root, 'project')
  expect(findConfig(project, root, '../other.ts')).toBe(join(root, 'other.ts'))
  expect(findConfig(project, root, join(root, 'other.ts'))).toBe(join(root, 'other.ts'))
  expect(() => findConfig(project, root, 'other.ts')).toThrow(
    notFound(`${join(project, 'other.ts')} does not exist`),
  )
})

test('the default export of the module is the cluster', () => {
  const cluster = defineCluster({ services: { web: script('true') } })
  expect(definitionOf({ default: cluster }, '/c.ts')).toBe(cluster)
  for (const module of [
    undefined,
    null,
    {},
    { cluster },
    { default: undefined },
    { default: 'x' },
    { default: {} },
  ]) {
    expect(refusal(() => definitionOf(module, '/c.ts'))).toEqual({
      code: 'INVALID_DEFINITION',
      message: 'the default export of /c.ts is not a cluster',
      fix: 'export default defineCluster({ services: { … } })',
    })
  }
})
