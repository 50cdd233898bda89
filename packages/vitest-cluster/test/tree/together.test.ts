import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { command } from '../../src/definition/tree-layers.ts'
import { building, killAtInstants } from '../helpers/building.ts'
import { busyboxTree, Cache } from '../helpers/trees.ts'

test('two processes that need the same new layer at the same time build it once', async () => {
  const { tree } = await busyboxTree()
  const cache = await Cache.open()
  await cache.build(tree.with(command(['true'])))
  // The first works on it until the second waits for it
  const { promise: waits, resolve: onWaiting } = Promise.withResolvers<void>()
  // Half open: nc sends nothing, and runs until this end closes
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    waits.then(() => socket.end()),
  ).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const script = `echo making; nc 127.0.0.1 ${port} </dev/null; echo made >/etc/made`
  const layered = tree.with(command(['true']), command(['sh', '-c', script], { network: true }))
  const began = Promise.withResolvers<void>()
  const first = building(cache, layered, ({ kind }) => kind === 'begin' && began.resolve())
  await began.promise
  const second = building(cache, layered, ({ kind }) => kind === 'waiting' && onWaiting())
  const [one, two] = await Promise.all([first.result, second.result])
  expect(one?.digest).toBe(two?.digest)
  const made = [...first.said, ...second.said].filter(({ kind }) => kind === 'made')
  expect(made).toHaveLength(1)
  const waited = second.said.filter(({ kind }) => kind === 'waiting').map(({ message }) => message)
  expect(waited.at(-1)).toMatch(/^waiting for another run that is building this step/)
  expect(two).toMatchObject({ states: ['cached', 'cached', 'cached'] })
})

// together.long.test.ts has ten
test('the next build can use the cache after kill -9 at three instants of a build', () =>
  killAtInstants(3))
