import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { refuseUnknown } from '../../src/vitest/unknown-fixture.ts'

type Context = Readonly<Record<string, unknown>>

/** Vitest's contexts are functions. */
function guarded(properties: object): Context {
  const context = Object.assign(() => {}, properties)
  refuseUnknown(context, (name, at) => new Error(`${name} at ${at.file}`))
  return context as never
}

test('reading a missing fixture throws, also after a retry', () => {
  const context = guarded({ web: 1, constructor: 2 })
  const refused = `wbe at ${import.meta.filename}`
  expect(() => (({ wbe }) => wbe)(context)).toThrow(refused)
  refuseUnknown(context, () => new Error('another'))
  expect(() => context['wbe']).toThrow(refused)
  expect([context['web'], context['constructor']]).toEqual([1, 2])
})

test('properties that JavaScript, Node and libraries look up are undefined', async () => {
  const context = guarded({ web: 1 })
  expect(await (async () => context)()).toBe(context)
  expect(JSON.stringify({ context })).toBe('{}')
  expect(inspect(context, { showHidden: true, showProxy: true, getters: true })).toContain('web: 1')
  expect(context).not.toHaveProperty('wbe')
  expect('wbe' in context).toBe(false)
  expect({ ...context }).toEqual({ web: 1 })
  expect(context).toBeInstanceOf(Function)
  expect(Reflect.set(context, 'added', 1)).toBe(true)
  expect(context['added']).toBe(1)
  const { stackTraceLimit, prepareStackTrace } = Error
  try {
    Error.stackTraceLimit = 0
    expect(context['wbe']).toBeUndefined()
    Error.stackTraceLimit = 10
    Error.prepareStackTrace = (_, frames) => frames
    expect(() => context['wbe']).not.toThrow(TypeError)
  } finally {
    Object.assign(Error, { stackTraceLimit, prepareStackTrace })
  }
})
