import { expect, test } from 'vitest'
import { command } from '../../src/definition/tree-layers.ts'
import { building, killedAt } from '../helpers/builds-together.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

test('two processes that need the same new layer at the same moment make it once', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  await cache.build(tree.with(command(['true'])))
  // Long enough for the second to come while the first is at it
  const layered = tree.with(
    command(['true']),
    command(['sh', '-c', 'echo making; sleep 3; echo made >/etc/made']),
  )
  const began = Promise.withResolvers<void>()
  const first = building(cache, layered, ({ kind }) => kind === 'begin' && began.resolve())
  await began.promise
  const second = building(cache, layered)
  const [one, two] = await Promise.all([first.result, second.result])
  expect(one?.digest).toBe(two?.digest)
  const made = [...first.said, ...second.said].filter(({ kind }) => kind === 'made')
  expect(made).toHaveLength(1)
  const waited = second.said.filter(({ kind }) => kind === 'waiting').map(({ message }) => message)
  expect(waited.at(-1)).toMatch(/^another run makes it: /)
  expect(two).toMatchObject({ states: ['cached', 'cached', 'cached'] })
})

test('kill -9 in the middle of a build leaves a cache that the next run uses', () =>
  killedAt([0.3, 0.6, 0.9]))
