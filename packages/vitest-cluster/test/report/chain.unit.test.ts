import { expect, test } from 'vitest'
import type { StartTimes } from '../../src/observe/start-times.ts'
import { criticalPath, renderOpening, waitedFor } from '../../src/report/chain.ts'

const service = (
  name: string,
  begun: number,
  ready: number,
  ...dependsOn: string[]
): StartTimes => ({
  service: name,
  dependsOn,
  queued: 1_000,
  begun,
  started: begun + 500,
  ready,
})
const db = service('db', 2_000, 9_000)
const cache = service('cache', 2_100, 4_000)
const web = service('web', 9_100, 20_000, 'cache', 'db')
const idle = service('idle', 2_200, 3_000)
const all = [web, idle, cache, db]

test('a service waited for its dependency that was ready last', () => {
  expect(waitedFor(web, all)).toBe(db)
  expect(waitedFor(db, all)).toBeUndefined()
  expect(waitedFor(web, [idle])).toBeUndefined()
})

test('the critical path begins at the service that was ready last', () => {
  expect(criticalPath(all)).toEqual([web, db])
  expect(criticalPath([idle, cache])).toEqual([cache])
  expect(criticalPath([])).toEqual([])
})

test('the start-up chain is printed as text', () => {
  const phases = [
    { name: 'tree', begin: 1_000, end: 3_500 },
    { name: 'start the units', begin: 3_500, end: 31_000 },
  ]
  const { queued: _, ...unseen } = idle
  const text = renderOpening({ begun: 1_000, phases, services: [web, unseen, db] }).join('\n')
  expect(text).toMatchInlineSnapshot(`
    "opened in 30 ms; all times are in ms since the start

      phase            begin  end  took
      tree               0.0  2.5   2.5
      start the units    2.5   30    28

      service  queued  begun  process  ready  waited for
      idle          -    1.2      1.7    2.0  -
      db          0.0    1.0      1.5    8.0  -
      web         0.0    8.1      8.6     19  db

    critical chain: after @ the time at which a service was ready, after + the time that its own start took
      web @19 ms +11 ms
      └─db @8.0 ms +7.0 ms"
  `)
})

test('the start-up chain of a session without measured times is printed', () => {
  expect(renderOpening({ begun: 5, phases: [], services: [] })[0]).toBe(
    'opened in 0.0 ms; all times are in ms since the start',
  )
})
