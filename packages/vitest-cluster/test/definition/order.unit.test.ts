import { expect, test } from 'vitest'
import { defineService } from '../../src/definition/define-service.ts'
import { startOrder } from '../../src/definition/order.ts'

const service = (...dependsOn: string[]) =>
  defineService({ kind: 'thing', command: () => ['true'], ready: 'started', dependsOn })

test('each service comes after its dependencies', () => {
  const services = { web: service('db', 'cache'), db: service(), cache: service('db') }
  expect(startOrder(services)).toEqual(['db', 'cache', 'web'])
})

test('a cycle is an error that shows the cycle', () => {
  const services = { a: service('b'), b: service('c'), c: service('a') }
  expect(() => startOrder(services)).toThrow('depends on itself: a → b → c → a [CYCLE]')
})
