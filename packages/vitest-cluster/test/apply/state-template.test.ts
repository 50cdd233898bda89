// @module-tag user
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyTemplate, keepTemplate } from '../../src/apply/state-template.ts'
import { HeldDirectory } from '../../src/disk/held-directory.ts'
import { templatePath } from '../../src/plan/state.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

async function keep(directory: string, template: string) {
  const held = await HeldDirectory.open(directory)
  await keepTemplate(held, template).finally(() => held.close())
}

test('a template is kept whole, found by its inputs, and copied', async () => {
  const [cache, made, copied] = [
    await temporaryDirectory(),
    await temporaryDirectory(),
    await temporaryDirectory(),
  ]
  const template = templatePath('db', { schema: 1 }, cache)
  expect(await copyTemplate(template, copied)).toBe(false)
  await writeFile(join(made, 'data'), 'rows')
  await keep(made, template)
  expect(await copyTemplate(templatePath('db', { schema: 1 }, cache), copied)).toBe(true)
  expect(await readFile(join(copied, 'data'), 'utf8')).toBe('rows')
  expect(templatePath('db', { schema: 2 }, cache)).not.toBe(template)
})

test('a template that another run kept first stays, and no partial copy is left', async () => {
  const [cache, mine, theirs] = [
    await temporaryDirectory(),
    await temporaryDirectory(),
    await temporaryDirectory(),
  ]
  const template = templatePath('db', {}, cache)
  await writeFile(join(theirs, 'data'), 'theirs')
  await writeFile(join(mine, 'data'), 'mine')
  await keep(theirs, template)
  await keep(mine, template)
  expect(await readFile(join(template, 'data'), 'utf8')).toBe('theirs')
  expect(await readdir(join(template, '..'))).toHaveLength(1)
})

test('a partial copy of a killed run is removed after an hour, and not before', async () => {
  const [cache, made] = [await temporaryDirectory(), await temporaryDirectory()]
  const template = templatePath('db', {}, cache)
  const parent = join(template, '..')
  await mkdir(join(parent, '.new-old'), { recursive: true })
  await mkdir(join(parent, '.new-fresh'))
  const hoursAgo = new Date(Date.now() - 2 * 3_600_000)
  await utimes(join(parent, '.new-old'), hoursAgo, hoursAgo)
  await keep(made, template)
  expect(await readdir(parent)).toContain('.new-fresh')
  expect(await readdir(parent)).not.toContain('.new-old')
})
