import { expect, test } from 'vitest'
import { checkedVariables } from '../../src/definition/check-variables.ts'
import { refuseFor } from '../../src/definition/refuse.ts'
import { refusal } from '../helpers/refusal.ts'

const checked = (variables: unknown) => checkedVariables(variables, refuseFor('db'))

test('values become text, and undefined ones are left out', () => {
  const given = {
    PGPORT: 5432,
    PGHOST: '127.0.0.1',
    TLS: false,
    EMPTY: '',
    _1: '=\n',
    NONE: undefined,
  }
  expect(checked(given)).toEqual({
    PGPORT: '5432',
    PGHOST: '127.0.0.1',
    TLS: 'false',
    EMPTY: '',
    _1: '=\n',
  })
})

test.for([
  [undefined, 'variables returns undefined'],
  ['PGPORT=1', 'variables returns "PGPORT=1"'],
  [[['PGPORT', 1]], 'variables returns [["PGPORT",1]]'],
  [new Map([['PGPORT', 1]]), 'variables returns {}'],
  [{ '1PG': 1 }, 'it sets the variable "1PG", which is not a valid name'],
  [{ 'PG-PORT': 1 }, 'it sets the variable "PG-PORT", which is not a valid name'],
  [{ '': 1 }, 'it sets the variable "", which is not a valid name'],
  [{ 'A=B': 1 }, 'it sets the variable "A=B", which is not a valid name'],
  [{ PGPORT: Number.NaN }, 'its variable PGPORT is NaN, which is not a string, number or boolean'],
  [{ PGPORT: null }, 'its variable PGPORT is null, which is not a string, number or boolean'],
  [{ PGPORT: [1] }, 'its variable PGPORT is [1], which is not a string, number or boolean'],
  [{ PG: 'a\0b' }, 'its variable PG is "a\\u0000b", which has a NUL character'],
  [{ PG: 'x'.repeat(200_000) }, 'which is longer than 131071 bytes'],
] as const)('%j is refused', ([variables, message]) => {
  const { code, service, message: said, fix } = refusal(() => checked(variables))
  expect({ code, service }).toEqual({ code: 'INVALID_DEFINITION', service: 'db' })
  expect(said).toContain(message)
  expect(fix).toMatch(/variables: \(handle\) => |^Use letters/)
})

test.for([
  'PATH',
  'HOME',
  'TMPDIR',
  'NODE_OPTIONS',
  'VITEST',
  'VITEST_POOL_ID',
  'VITEST_CLUSTER_SESSION',
])('the variable %s is refused: it changes how Node, Vitest or the library work', (name) => {
  expect(refusal(() => checked({ [name]: 'x' })).message).toContain(
    `it sets the variable ${name}, `,
  )
})
