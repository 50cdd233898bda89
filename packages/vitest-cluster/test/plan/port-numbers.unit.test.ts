import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { isPlain } from '../../src/definition/words.ts'
import { serviceContext } from '../../src/plan/context.ts'
import { portNumbers } from '../../src/plan/port-numbers.ts'
import { known } from '../helpers/planned.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const services = {
  web: script('true', { ports: ['http'], dependsOn: { db: { ports: ['sql'] } } }),
  db: script('true', { ports: ['sql', 'admin'] }),
  plain: script('true'),
}
const context = (name: string) => serviceContext(known('range', services), name)

test('reading a port that a service does not have throws', () => {
  const { ports, service } = context('web')
  expect(refusal(() => ports['htttp'])).toEqual({
    code: 'INVALID_DEFINITION',
    at: expect.objectContaining({ file: import.meta.filename }),
    service: 'web',
    message: "has no port 'htttp'",
    fix: 'Did you mean http? The ports of web: http.',
  })
  expect(refusal(() => `${service('db').ports['redis']}`)).toMatchObject({
    service: 'web',
    message: "reads the port 'redis' of db, which has no port of this name",
    fix: 'The ports of db: sql, admin.',
  })
  expect(refusal(() => context('plain').ports['http'])).toMatchObject({
    fix: 'The ports of plain: none.',
  })
})

test('port numbers otherwise behave like plain data', async () => {
  const ports = portNumbers('web', { http: 10_001 })
  expect(ports['http']).toBe(10_001)
  expect('htttp' in ports).toBe(false)
  expect(isPlain(ports)).toBe(true)
  expect(structuredClone(ports)).toEqual({ http: 10_001 })
  expect(JSON.stringify({ ports })).toBe('{"ports":{"http":10001}}')
  expect({ ...ports }).toStrictEqual({ http: 10_001 })
  expect(inspect(ports)).toContain('{ http: 10001 }')
  expect(await Promise.resolve(ports)).toBe(ports)
  expect(`${ports}`).toBe('[object Object]')
  expect(ports).toEqual({ http: 10_001 })
  expect(ports).not.toEqual({ http: 10_002 })
  expect(ports).toMatchObject({ http: 10_001 })
  expect(ports).toHaveProperty('http', 10_001)
  expect(ports).toMatchInlineSnapshot(`
    {
      "http": 10001,
    }
  `)
})

test('a matcher that fails on port numbers fails with its own message', () => {
  const ports = portNumbers('web', { http: 10_001 })
  expect(() => expect(ports).toEqual({ sql: 1 })).toThrow('to deeply equal')
  expect(() => expect({ ports }).toEqual({ ports: { http: 1, sql: 1 } })).toThrow('to deeply equal')
  expect(() => expect(ports).toStrictEqual({ sql: 1 })).toThrow('to strictly equal')
  expect(() => expect(ports).toMatchObject({ sql: 1 })).toThrow('to match object')
  expect(() => expect(ports).toHaveLength(2)).toThrow("to have property 'length'")
})
