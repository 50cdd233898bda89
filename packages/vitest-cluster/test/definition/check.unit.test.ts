import { expect, test } from 'vitest'
import { checkedServices } from '../../src/definition/check.ts'
import { defineCluster, type ServiceInput } from '../../src/index.ts'
import { checked } from '../helpers/failure.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const service = (options: Partial<ServiceInput> = {}) => script('exec sleep infinity', options)

/** The error of defining a cluster with these services. */
function thrown(services: object, base?: object) {
  try {
    const extended = base && { extends: defineCluster({ services: base as never }) }
    defineCluster({ ...extended, services: services as never })
  } catch (error) {
    return checked(error)
  }
  return expect.unreachable('it is defined')
}

test('an unknown dependency is an error that lists the services', () => {
  const error = thrown({ web: service({ dependsOn: ['bd'] }), db: service() })
  expect(error).toMatchObject({ code: 'UNKNOWN_DEPENDENCY', details: { service: 'web' } })
  expect(error.message).toContain("web: depends on 'bd', which the cluster does not have")
  expect(error.message).toContain('Services of this cluster: web, db.')
})

test('names of Object.prototype properties are unknown dependencies', () => {
  for (const word of ['toString', '__proto__', 'constructor'])
    expect(thrown({ web: service({ dependsOn: [word] }) }).code).toBe('UNKNOWN_DEPENDENCY')
})

test('a dependency cycle is an error that shows the cycle', () => {
  const error = thrown({
    start: service({ dependsOn: ['a'] }),
    a: service({ dependsOn: ['b'] }),
    b: service({ dependsOn: ['a'] }),
  })
  expect(error).toMatchObject({ code: 'CYCLE', details: { service: 'a' } })
  expect(error.message).toContain('a: depends on itself: a → b → a')
  expect(thrown({ a: service({ dependsOn: ['a'] }) }).message).toContain('a → a')
})

test('two services of the same name are refused, also by extends and in another case', () => {
  const extended = thrown({ db: service() }, { db: service() })
  expect(extended).toMatchObject({ code: 'DUPLICATE_SERVICE', details: { service: 'db' } })
  expect(extended.message).toContain(
    'the cluster that it extends already has a service of this name',
  )
  expect(extended.message).toContain('such as db2')
  const cased = thrown({ db: service(), DB: service() })
  expect(cased).toMatchObject({ code: 'DUPLICATE_SERVICE', details: { service: 'DB' } })
  expect(cased.message).toContain('same host name as db')
  expect(thrown({ Db: service() }, { dB: service() }).code).toBe('DUPLICATE_SERVICE')
})

test('a cluster that extends another has the services of both', () => {
  const base = defineCluster({ services: { db: service() } })
  const web = service({ dependsOn: ['db'] })
  const { services } = defineCluster({ extends: base, services: { web } })
  expect(Object.keys(services)).toEqual(['db', 'web'])
})

test('a service name that is not valid in systemd, host names or paths is refused', () => {
  const long = 'a'.repeat(33)
  for (const name of [
    '',
    'a b',
    'a_b',
    'a.b',
    '1a',
    '-a',
    'a/b',
    '../a',
    'ä',
    'a@b',
    'a\n',
    long,
  ]) {
    const error = thrown({ [name]: service() })
    expect(error).toMatchObject({ code: 'INVALID_NAME', details: { service: name } })
    expect(error.message).toContain(
      'is not a valid name for a service: the name becomes part of a systemd unit',
    )
  }
  defineCluster({ services: { 'a-Z-0': service(), [long.slice(1)]: service() } })
})

test('a cluster without services is refused', () => {
  const message = expect.stringContaining('a cluster needs at least one service')
  for (const services of [{}, undefined, null])
    expect(thrown(services as never)).toMatchObject({ code: 'INVALID_DEFINITION', message })
  for (const services of [undefined, null, 'ldap', 7])
    expect(refusal(() => checkedServices(services as never))).toMatchObject({ message })
  for (const one of [null, undefined, 'ldap', 7])
    expect(thrown({ one }).message).toContain('one: is not a service')
})
