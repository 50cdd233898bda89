import { expect, test } from 'vitest'
import { defineCluster } from '../../src/index.ts'
import { withCluster, withService } from '../../src/vitest/test.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const define = (name: string) =>
  withCluster(defineCluster({ services: { [name]: script('true') } }))

// With the first four Vitest fails with a TypeError. The last one is lost silently
test.for([
  'expect',
  'bench',
  'name',
  'length',
  'task',
  'annotate',
  'onTestFailed',
  'clusterWindow',
])('a service named %s is refused as a fixture', (name) => {
  const refused = {
    code: 'INVALID_NAME',
    service: name,
    message: `cannot be a fixture: Vitest's test context already has a property '${name}'`,
    fix: expect.stringContaining(`such as ${name}Service`),
  }
  expect(refusal(() => define(name))).toEqual(refused)
  expect(refusal(() => withService(name, () => ({})))).toEqual(refused)
})

test.for(['constructor', 'toString', 'then', 'names'])(
  'a service named %s is accepted as a fixture',
  (name) => {
    expect(define(name)).toBeTypeOf('function')
  },
)

test('a value that is not a cluster is refused, such as a wrong import', () => {
  for (const cluster of [undefined, null, {}, { services: { web: 'web' } }])
    expect(refusal(() => withCluster(cluster as never)).code).toBe('INVALID_DEFINITION')
})
