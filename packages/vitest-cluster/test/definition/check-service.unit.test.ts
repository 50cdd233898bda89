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
  [{ kind: 'no kind!' }, 'has no valid kind ("no kind!")', "kind: 'redis'"],
  [{ kind: 7 }, 'has no valid kind (7)', "kind: 'redis'"],
  [{ kind: ['redis'] }, 'has no valid kind (["redis"])', "kind: 'redis'"],
  [{ kind: '1st' }, 'has no valid kind ("1st")', "kind: 'redis'"],
  [{ command: 'redis-server' }, 'has no command function', 'Write command:'],
  [
    { ready: 'soon' },
    'does not say how it becomes ready (ready: "soon")',
    "'notify', 'listening', 'forking', 'started', { logLine: 'pattern' }",
  ],
  [{ ready: undefined }, 'does not say how it becomes ready', 'Use one of'],
  [{ ready: null }, 'does not say how it becomes ready (ready: null)', 'Use one of'],
  [{ ready: {} }, 'does not say how it becomes ready (ready: {})', 'Use one of'],
  [{ ready: 'listening' }, "has ready: 'listening' and no ports", "ports: ['http']"],
  [{ ready: 'listening', ports: [] }, "has ready: 'listening' and no ports", "ports: ['http']"],
  [{ ports: ['a b'] }, 'names a port "a b"', 'is a word'],
  [{ ports: ['1st'] }, 'names a port "1st"', 'is a word'],
  [{ ports: ['http\n'] }, 'names a port "http\\n"', 'is a word'],
  [{ ports: ['http', 80] }, 'names a port 80', 'is a word'],
  [{ ports: [['http']] }, 'names a port ["http"]', 'is a word'],
  [{ ports: ['http', 'http'] }, 'names a port twice', 'a name of its own'],
  [{ accounts: [{ name: 'a b' }] }, 'names an account or a group "a b"', NAME],
  [{ accounts: [{ name: '-a' }] }, 'names an account or a group "-a"', NAME],
  [{ accounts: [{ name: 'a:0' }] }, 'names an account or a group "a:0"', NAME],
  [{ accounts: [{ name: LONG }] }, `names an account or a group "${LONG}"`, NAME],
  [{ accounts: [{}] }, 'names an account or a group undefined', NAME],
  [{ accounts: [{ name: 'a', groups: ['b', 'c\n'] }] }, 'names an account or a group "c\\n"', NAME],
  [{ group: 'a b' }, 'has group: "a b"', NAME],
  [
    { user: 'www' },
    "runs as 'www', which is no account of the cluster",
    "Write accounts: [{ name: 'www' }].",
  ],
  [{ needs: ['uids', 'root'] }, 'has needs: "root"', "Use 'uids' or 'systemd'."],
  [{ tree: 'trixie' }, 'its tree is no tree', 'Write tree: debianTree('],
  [{ readyTimeout: 0 }, 'has readyTimeout: 0', 'greater than 0'],
  [{ readyTimeout: '10s' }, 'has readyTimeout: "10s"', 'greater than 0'],
  [{ readyTimeout: Number.POSITIVE_INFINITY }, 'has readyTimeout: Infinity', 'greater than 0'],
  [{ stopTimeout: Number.NaN }, 'has stopTimeout: NaN', 'greater than 0'],
  [{ stopTimeout: -1 }, 'has stopTimeout: -1', 'greater than 0'],
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
] satisfies Partial<ServiceInput>[])('%j is taken', (options) => {
  expect(define(options).services.thing).toMatchObject(options)
})

test('a service may run as an account of another', () => {
  const services = {
    a: script('true', { user: 'www' }),
    b: script('true', { accounts: [{ name: 'www' }] }),
  }
  expect(defineCluster({ services }).services).toBeDefined()
})
