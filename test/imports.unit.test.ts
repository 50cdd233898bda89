import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import { expect, onTestFinished, test } from 'vitest'
import { forbidden, options, ROOMS } from './rooms.ts'

const REPOSITORY = join(import.meta.dirname, '..')

/** The forbidden imports in a directory. */
async function violations(directory: string): Promise<string[]> {
  const { output } = await cruise(['packages/vitest-cluster/src', 'packages/fixtures/src'], {
    ...options,
    baseDir: directory,
    ruleSet: { forbidden },
    validate: true,
  })
  if (typeof output === 'string') throw new Error(output)
  return output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)
}

/** Makes a repository of these files. */
async function repository(files: Record<string, string>): Promise<string> {
  await mkdir(join(REPOSITORY, '.vitest'), { recursive: true })
  const directory = await mkdtemp(join(REPOSITORY, '.vitest/imports-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  return directory
}

test('every import is allowed by the table of rooms', async () => {
  expect(await violations(REPOSITORY)).toEqual([])
})

test('a room imports only rooms below it in the table', () => {
  const names = Object.keys(ROOMS)
  for (const [room, others] of Object.entries(ROOMS))
    for (const other of others)
      expect(names.indexOf(other.split('/')[0] ?? ''), `${room} → ${other}`).toBeLessThan(
        names.indexOf(room),
      )
})

test('a forbidden import is found in files at any depth, also of a type only', async () => {
  const core = 'packages/vitest-cluster/src'
  const directory = await repository({
    [`${core}/session/open.ts`]: 'export type Open = 1\n',
    [`${core}/tree/progress.ts`]: 'export const progress = 1\n',
    [`${core}/tree/build/deep.ts`]:
      "import type { Open } from '../../session/open.ts'\nexport type Deep = Open\n",
    [`${core}/ports/one.ts`]: "import type { Two } from './two.ts'\nexport type One = Two\n",
    [`${core}/ports/two.ts`]: "import type { One } from './one.ts'\nexport type Two = One\n",
    [`${core}/report/tree.ts`]: "export { progress } from '../tree/progress.ts'\n",
    [`${core}/disk/late.ts`]: "export const late = () => import('../tree/progress.ts')\n",
    [`${core}/plan/bus.ts`]: "export * from 'dbus-next'\n",
    [`${core}/tree/base/one.ts`]: "export type { Two } from '../cache/two.ts'\n",
    [`${core}/tree/base/four.ts`]: 'export type Four = 1\n',
    [`${core}/tree/cache/two.ts`]: 'export type Two = 1\n',
    [`${core}/tree/cache/three.ts`]: "export type { Four } from '../base/four.ts'\n",
    'packages/fixtures/src/ldap/inside.ts':
      "export * from '../../../vitest-cluster/src/session/open.ts'\n",
  })
  const found = await violations(directory)
  expect(found.map((line) => line.replace(/^.*: /, '')).sort()).toEqual([
    'packages/fixtures/src/ldap/inside.ts → packages/vitest-cluster/src/session/open.ts',
    `${core}/disk/late.ts → ${core}/tree/progress.ts`,
    expect.stringMatching(`^${core}/plan/bus.ts → .*node_modules/dbus-next/`),
    `${core}/ports/one.ts → ${core}/ports/two.ts`,
    `${core}/tree/base → ${core}/tree/cache`,
    `${core}/tree/build/deep.ts → ${core}/session/open.ts`,
    `${core}/tree/cache → ${core}/tree/base`,
  ])
})
