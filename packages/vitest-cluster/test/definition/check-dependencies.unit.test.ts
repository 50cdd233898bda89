import { expect, test } from 'vitest'
import { defineCluster, forSession } from '../../src/definition/define.ts'
import type { ServiceInput, Services } from '../../src/index.ts'
import { planSession } from '../../src/plan/plan-session.ts'
import { ground } from '../helpers/planned.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const db = script('true', { kind: 'redis', ports: ['redis', 'admin'] })
const web = (dependsOn: unknown) => script('true', { dependsOn } as Partial<ServiceInput>)
const refused = (services: Services) => refusal(() => defineCluster({ services }))

test.for([
  ['a definition', { db }],
  ['a kind and a port', { db: { kind: 'redis', ports: ['admin'] } }],
  ['a kind', { db: { kind: 'redis' } }],
  ['nothing', { db: {} }],
  ['undefined parts', { db: { kind: undefined, ports: undefined } }],
  ['a name', ['db']],
])(
  'dependsOn with %s is accepted if the cluster meets it, and the plan has its name',
  async ([, dependsOn]) => {
    const { services } = forSession(defineCluster({ services: { web: web(dependsOn), db } }))
    const { trees: _, ...rest } = ground('range', services)
    const plan = await planSession({ services }, { ...rest, trees: {} }, { ports: {}, values: {} })
    expect(plan.services['web']?.dependsOn).toEqual(['db'])
    expect(plan.services['web']?.unit.settings).toMatchObject({
      After: expect.arrayContaining([expect.stringContaining('-db.service')]),
    })
    expect(plan.services['db']?.dependsOn).toEqual([])
  },
)

test('a requirement of another name, another kind or a missing port is an error with the fix', () => {
  const needs = web({ db: { kind: 'redis', ports: ['redis'] } })
  expect(refused({ web: needs, bd: db })).toMatchObject({
    code: 'UNKNOWN_DEPENDENCY',
    service: 'web',
    message: "depends on 'db', which the cluster does not have",
    fix: 'Services of this cluster: web, bd.',
  })
  const cache = script('true', { kind: 'memcached', ports: ['redis'] })
  expect(refused({ web: needs, db: cache })).toMatchObject({
    code: 'INVALID_DEFINITION',
    service: 'web',
    message: "depends on 'db', which must be of kind redis but is of kind memcached",
    fix: 'Add a service of kind redis to the cluster, and replace db with its name.',
  })
  expect(refused({ web: needs, db: cache, other: db })).toMatchObject({
    fix: 'Replace db with the name of a service of kind redis: other.',
  })
  expect(refused({ web: needs, db: script('true', { kind: 'redis' }) })).toMatchObject({
    code: 'INVALID_DEFINITION',
    service: 'web',
    message: "depends on 'db', which has no port 'redis'",
    fix: "The ports of db: none. Add 'redis' to them, or correct the name in dependsOn of web.",
  })
  expect(
    refused({ web: web({ db }), db: script('true', { kind: 'redis', ports: ['redis'] }) }),
  ).toMatchObject({
    message: "depends on 'db', which has no port 'admin'",
    fix: "The ports of db: redis. Add 'admin' to them, or correct the name in dependsOn of web.",
  })
})

test('services of an extended cluster meet requirements', () => {
  const base = defineCluster({ services: { db } })
  const services: Services = { web: web({ db: { ports: ['redis'] } }) }
  expect(defineCluster({ extends: base, services }).services).toHaveProperty('web')
  const wrong: Services = { web: web({ db: { ports: ['sql'] } }) }
  expect(refusal(() => defineCluster({ extends: base, services: wrong }))).toMatchObject({
    message: "depends on 'db', which has no port 'sql'",
  })
})

test.for([
  [5, 'dependsOn is 5, which is not an object'],
  [{ db: 'redis' }, 'dependsOn.db is "redis", which is not a requirement'],
  [{ db: null }, 'dependsOn.db is null, which is not a requirement'],
  [{ db: () => db }, 'dependsOn.db is [Function: db], which is not a requirement'],
  [{ db: ['redis'] }, 'dependsOn.db is ["redis"], which is not a requirement'],
  [{ db: { port: ['redis'] } }, 'dependsOn.db: there is no option "port"'],
  [{ db: { kind: 5 } }, 'dependsOn.db.kind is 5, which is not a kind'],
  [{ db: { ports: 'redis' } }, 'dependsOn.db.ports is "redis", which is not an array'],
  [{ db: { ports: [5] } }, 'dependsOn.db.ports[0] is 5, which is not a name'],
  [[undefined], 'dependsOn[0] is missing'],
  [new Map([['db', {}]]), 'dependsOn is {}, which is not a plain object'],
])('dependsOn: %j is refused', ([dependsOn, message]) => {
  expect(refused({ web: web(dependsOn), db })).toMatchObject({
    code: 'INVALID_DEFINITION',
    service: 'web',
    message: expect.stringContaining(message as string),
    fix: expect.stringMatching(/./),
  })
})

test('a cycle of a dependsOn record is an error', () => {
  const a = web({ b: {} })
  expect(refused({ a, b: web(['a']) })).toMatchObject({
    code: 'CYCLE',
    message: 'depends on itself: a → b → a',
  })
})

test('a requirement with the name of an Object.prototype property is an unknown service', () => {
  for (const name of ['toString', 'constructor']) {
    expect(refused({ web: web({ [name]: {} }), db })).toMatchObject({
      code: 'UNKNOWN_DEPENDENCY',
      message: `depends on '${name}', which the cluster does not have`,
    })
  }
})
