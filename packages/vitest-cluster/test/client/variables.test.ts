import { expect, test } from 'vitest'
import { byDefault, sessionValues } from '../../src/client/variables.ts'
import { type ChooseVariables, defineService } from '../../src/index.ts'
import { memcached } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/** A service with this handle and these variables. */
const service = (properties: object, variables?: ChooseVariables) =>
  defineService({
    kind: 'script',
    command: () => ['sleep', 'inf'],
    ready: 'started',
    handle: () => properties,
    ...(variables && { variables }),
  })

test("the variables have the handles' values, under the names that services choose", async () => {
  await using session = await up({ first: memcached(), second: service({}), third: service({}) })
  const of = async (second: object, third = service({})) =>
    sessionValues(session.plan, {
      services: { first: memcached(), second: { ...service({}), ...second }, third },
    })
  const none = () => ({})

  const { handles, variables } = await of(
    service({ baseUrl: 'x', tls: true, count: 0, none: undefined, list: ['a'], run() {} }),
    service({ port: 7 }, async ({ unit, kind, log }) => ({
      UNIT: unit,
      KIND: kind,
      LOG: log.path,
    })),
  )
  const { log: firstLog, unit } = await session.handle('first')
  const third = await session.handle('third')
  expect(variables).toEqual({
    FIRST_PORT: String(handles['first']?.['port']),
    FIRST_LOG: firstLog.path,
    FIRST_UNIT: unit,
    SECOND_BASE_URL: 'x',
    SECOND_TLS: 'true',
    SECOND_COUNT: '0',
    SECOND_LOG: expect.stringMatching(/second\.log$/),
    SECOND_UNIT: expect.stringMatching(/-second\.service$/),
    UNIT: third.unit,
    KIND: 'script',
    LOG: third.log.path,
  })

  const failed = async (...given: Parameters<typeof of>) =>
    of(...given).then(
      () => expect.unreachable('nothing was thrown'),
      (error: unknown) => error,
    )
  const code = 'INVALID_DEFINITION'
  expect(await failed({ variables: () => ({ FIRST_PORT: 1 }) })).toMatchObject({
    code,
    message: expect.stringContaining(
      'second: it sets the variable FIRST_PORT, which the service first sets too',
    ),
  })
  // Default names are checked like chosen ones
  expect(await failed({ variables: none }, service({ 'a-b': 1, a_b: 2 }))).toMatchObject({
    code,
    message: expect.stringContaining(
      'third: the properties a-b and a_b of its handle have the same variable THIRD_A_B',
    ),
  })
  expect(await failed(service({ text: 'a\0b' }))).toMatchObject({
    code,
    message: expect.stringContaining('second: its variable SECOND_TEXT is "a\\u0000b"'),
  })
  const own = new TypeError('no names')
  const wrapped = {
    code: 'FUNCTION_FAILED',
    cause: own,
    message: expect.stringContaining('second: its function variables threw TypeError: no names'),
  }
  expect(await failed({ variables: () => Promise.reject(own) })).toMatchObject(wrapped)
  const thrower = () => {
    throw own
  }
  expect(await failed({ variables: thrower })).toMatchObject(wrapped)
  expect(
    await failed({
      variables: () => ({
        get A() {
          return thrower()
        },
      }),
    }),
  ).toMatchObject({
    code,
    message: expect.stringContaining('the result of variables cannot be read: no names'),
  })
})

test('a property of the handle may replace the log of every handle', () => {
  expect(byDefault('web', { log: 'mine' })).toEqual({ WEB_LOG: 'mine' })
  expect(byDefault('web-1', { httpURL: 'x', é: 1 })).toEqual({ WEB_1_HTTP_URL: 'x', WEB_1__: 1 })
})
