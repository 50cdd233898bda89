/** What the control of examples/hgmo accepts. */
import { expect, test } from 'vitest'
import { parseRequest } from '../../examples/hgmo/client/request.ts'

const token = 'f00d'
const parse = (request: object) => parseRequest(JSON.stringify({ token, ...request }), token)

test('accepts a request with the token', () => {
  expect(parse({ command: 'state' })).toEqual({ request: { command: 'state' }, input: 0 })
  expect(parse({ command: 'exec', host: 'hgssh', argv: ['ls'], merged: true, input: 3 })).toEqual({
    request: { command: 'exec', host: 'hgssh', argv: ['ls'], merged: true, detach: false },
    input: 3,
  })
})

test('refuses all others', () => {
  for (const given of ['{', 'null', '[]', '"f00d"', '{"token":"f00e","command":"state"}'])
    expect(parseRequest(given, token)).toHaveProperty('refused')
  for (const request of [
    ...[{}, { command: 'stop' }, { command: 'state', input: -1 }, { command: 'state', token: 1 }],
    ...[{ command: 'exec' }, { command: 'exec', host: 'hgssh', argv: [] }],
    { command: 'exec', host: 'hgssh', argv: [1] },
  ])
    expect(parse(request)).toHaveProperty('refused')
})
