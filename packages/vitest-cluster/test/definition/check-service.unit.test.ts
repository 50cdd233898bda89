import { expect, test } from 'vitest'
import type { ServiceInput } from '../../src/definition/service.ts'
import { defineCluster } from '../../src/index.ts'
import { hostTree } from '../../src/tree.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const NAME = 'Use letters, digits and _ . + @ -, 64 characters at most.'
const LONG = 'a'.repeat(65)
const define = (options: object) => defineCluster({ services: { thing: script('true', options) } })

test.for([
  [{ kind: 'no kind!' }, 'kind is "no kind!", which is not the kind of a service', "kind: 'redis'"],
  [{ kind: 7 }, 'kind is 7, which is not the kind of a service', "kind: 'redis'"],
  [{ kind: ['redis'] }, 'kind is ["redis"], which is not the kind of a service', "kind: 'redis'"],
  [{ kind: '1st' }, 'kind is "1st", which is not the kind of a service', "kind: 'redis'"],
  [
    { command: 'redis-server' },
    'command is "redis-server", which is not a function',
    'Write command:',
  ],
  [
    { ready: 'soon' },
    'ready is "soon", which is not supported',
    "'notify', 'listening', 'forking', 'started', 'exited', { logLine: 'pattern' }",
  ],
  [{ ready: undefined }, 'ready is missing', 'Use one of'],
  [{ ready: null }, 'ready is null, which is not supported', 'Use one of'],
  [{ ready: {} }, 'ready has neither logLine nor exec', 'Use one of'],
  [{ ready: 'listening' }, "has ready: 'listening' and no ports", "ports: ['http']"],
  [{ ready: 'listening', ports: [] }, "has ready: 'listening' and no ports", "ports: ['http']"],
  [
    { ports: ['a b'] },
    'ports[0] is "a b", which is not the name of a port',
    'Use at most 64 letters',
  ],
  [
    { ports: ['1st'] },
    'ports[0] is "1st", which is not the name of a port',
    'Use at most 64 letters',
  ],
  [
    { ports: ['http\n'] },
    'ports[0] is "http\\n", which is not the name of a port',
    'Use at most 64 letters',
  ],
  [
    { ports: ['http', 80] },
    'ports[1] is 80, which is not the name of a port',
    'Use at most 64 letters',
  ],
  [
    { ports: [['http']] },
    'ports[0] is ["http"], which is not the name of a port',
    'Use at most 64 letters',
  ],
  [{ ports: ['http', 'http'] }, 'ports has a name twice', 'a different name'],
  [
    { accounts: [{ name: 'a b' }] },
    'accounts[0].name is "a b", which is not a name for an account or a group',
    NAME,
  ],
  [
    { accounts: [{ name: '-a' }] },
    'accounts[0].name is "-a", which is not a name for an account or a group',
    NAME,
  ],
  [
    { accounts: [{ name: 'a:0' }] },
    'accounts[0].name is "a:0", which is not a name for an account or a group',
    NAME,
  ],
  [
    { accounts: [{ name: LONG }] },
    `accounts[0].name is "${LONG}", which is not a name for an account or a group`,
    NAME,
  ],
  [{ accounts: [{}] }, 'accounts[0].name is missing', NAME],
  [
    { accounts: [{ name: 'a', groups: ['b', 'c\n'] }] },
    'accounts[0].groups[1] is "c\\n", which is not a name for an account or a group',
    NAME,
  ],
  [{ group: 'a b' }, 'group is "a b", which is not a name for an account or a group', NAME],
  [
    { user: 'www' },
    "runs as 'www', which is not an account of the cluster",
    "Write accounts: [{ name: 'www' }].",
  ],
  [
    { needs: ['uids', 'root'] },
    'needs[1] is "root", which is not supported',
    "Use 'uids' or 'systemd'.",
  ],
  [{ tree: 'trixie' }, 'its tree is not a tree', 'Write tree: debianTree('],
  [{ readyTimeout: 0 }, 'readyTimeout is 0, which is not a valid timeout', 'greater than 0'],
  [
    { readyTimeout: '10s' },
    'readyTimeout is "10s", which is not a valid timeout',
    'greater than 0',
  ],
  [
    { readyTimeout: Number.POSITIVE_INFINITY },
    'readyTimeout is Infinity, which is not a valid timeout',
    'greater than 0',
  ],
  [
    { stopTimeout: Number.NaN },
    'stopTimeout is NaN, which is not a valid timeout',
    'greater than 0',
  ],
  [{ stopTimeout: -1 }, 'stopTimeout is -1, which is not a valid timeout', 'greater than 0'],
] as const)('%j is refused', ([options, message, fix]) => {
  expect(refusal(() => define(options))).toEqual({
    at: expect.objectContaining({ file: import.meta.filename }),
    code: 'INVALID_DEFINITION',
    service: 'thing',
    message: expect.stringContaining(message),
    fix: expect.stringContaining(fix),
  })
})

test.for([
  { ready: 'notify' },
  { ready: 'forking' },
  { ready: 'listening', ports: ['http', 'adminPort2'] },
  { ready: { logLine: '' } },
  { ready: { exec: ['true'] } },
  {
    accounts: [{ name: 'a', groups: ['_b.c@d-e'] }, { name: LONG.slice(1) }],
    user: 'a',
    group: 'g',
  },
  { user: 'root', group: 'root' },
  { user: 'session' },
  { needs: ['uids', 'systemd'], tree: hostTree() },
  { readyTimeout: 0.5, stopTimeout: 2 ** 31 - 1 },
  { stopSignal: 'SIGTERM', killAtEnd: true },
] satisfies Partial<ServiceInput>[])('%j is accepted', (options) => {
  expect(define(options).services.thing).toMatchObject(options)
})

test('a service may run as an account that another service declares', () => {
  const services = {
    a: script('true', { user: 'www' }),
    b: script('true', { accounts: [{ name: 'www' }] }),
  }
  expect(defineCluster({ services }).services).toBeDefined()
})
