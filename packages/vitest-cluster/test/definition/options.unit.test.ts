import { expect, test } from 'vitest'
import { checkExec } from '../../src/definition/check-exec.ts'
import { forSession } from '../../src/definition/define.ts'
import { defineCluster, doctor, openSession } from '../../src/index.ts'
import { ServiceLog } from '../../src/logs/service-log.ts'
import { serviceContext } from '../../src/plan/context.ts'
import * as trees from '../../src/tree.ts'
import { known } from '../helpers/planned.ts'
import { script } from '../helpers/services.ts'

/** A definition with these fields, as a session uses it. The result of its function `of` is checked at each call. */
function service(fields: object, of?: 'unit' | 'files' | 'clientFiles') {
  const services = { web: script('true', fields) }
  const { web } = forSession(defineCluster({ services })).services
  const given = of && (web as unknown as Readonly<Record<string, unknown>>)[of]
  if (typeof given === 'function') return given(serviceContext(known('chroot', services), 'web'))
}
const base = (base: object) => service({ tree: { base, layers: [] } })
const layer = (layer: object) => service({ tree: { base: { kind: 'host' }, layers: [layer] } })
const state = { inputs: () => 1, make: async () => {} }
const repository = { id: 'a', url: 'file:///a' }
const log = new ServiceLog('web', '/nonexistent', {
  catchUp: async () => {},
  failure: async () => new Error('never'),
})
const tree = () => trees.directoryTree('/')

/**
 * Every options object that a user can write, with a misspelt name, the name that was meant, and the place in the
 * error.
 */
const MISSPELT: readonly [where: string, wrong: string, meant: string, run: () => unknown][] = [
  ['defineCluster', 'isolaton', 'isolation', () => defineCluster({ isolaton: 1 } as never)],
  ['', 'dependOn', 'dependsOn', () => service({ dependOn: [] })],
  ['programs[0]', 'debain', 'debian', () => service({ programs: [{ name: 'sh', debain: 'x' }] })],
  ['accounts[0]', 'group', 'groups', () => service({ accounts: [{ name: 'a', group: [] }] })],
  ['unit', 'memoryMax', 'MemoryMax', () => service({ unit: { memoryMax: 1 } })],
  ['unit()', 'TaskMax', 'TasksMax', () => service({ unit: () => ({ TaskMax: 1 }) }, 'unit')],
  ['state', 'input', 'inputs', () => service({ state: { ...state, input: () => 2 } })],
  ['ready', 'logline', 'logLine', () => service({ ready: { logline: 'x' } })],
  ['ready', 'exce', 'exec', () => service({ ready: { logLine: 'x', exce: ['true'] } })],
  ['files().a', 'mod', 'mode', () => filesWith({ content: '', mod: 1 }, 'files')],
  ['clientFiles().a', 'contnt', 'content', () => filesWith({ contnt: '' }, 'clientFiles')],
  ['debianTree', 'suit', 'suite', () => base({ kind: 'debian', suite: 'sid', suit: 'sid' })],
  [
    "archiveTree('a.tar')",
    'sha',
    'sha256',
    () => base({ kind: 'archive', source: 'a.tar', sha: '' }),
  ],
  [
    'directoryTree',
    'manifst',
    'manifest',
    () => base({ kind: 'directory', path: '/', manifst: '' }),
  ],
  [
    'command',
    'Network',
    'network',
    () => layer({ kind: 'command', argv: ['true'], Network: true }),
  ],
  [
    'playbook a.yml',
    'extravars',
    'extraVars',
    () => layer({ kind: 'playbook', playbook: 'a.yml', extravars: {} }),
  ],
  [
    'debianTree',
    'component',
    'components',
    () => trees.debianTree({ suite: 'sid', component: 'main' } as never),
  ],
  [
    "archiveTree('a.tar')",
    'sha526',
    'sha256',
    () => trees.archiveTree('a.tar', { sha526: '' } as never),
  ],
  [
    'directoryTree',
    'mainfest',
    'manifest',
    () => trees.directoryTree('/', { mainfest: '' } as never),
  ],
  [
    'rpmTree',
    'releasever',
    'release',
    () => trees.rpmTree({ repositories: [repository], packages: ['a'], releasever: '9' } as never),
  ],
  [
    'rpmTree: repositories[0]',
    'keys',
    'key',
    () =>
      trees.rpmTree({ repositories: [{ ...repository, keys: '/k' }], packages: ['a'] } as never),
  ],
  [
    'files["/a"]',
    'onwer',
    'owner',
    () => trees.files({ '/a': { content: '', onwer: 'root' } } as never),
  ],
  ['files["/a"]', 'form', 'from', () => trees.files({ '/a': { form: 'a' } } as never)],
  ['command', 'input', 'inputs', () => trees.command(['true'], { input: [] } as never)],
  [
    'playbook a.yml',
    'extraVar',
    'extraVars',
    () => trees.playbook('a.yml', { extraVar: {} } as never),
  ],
  [
    'playbook a.yml: inventory',
    'var',
    'vars',
    () => trees.playbook('a.yml', { inventory: { var: {} } } as never),
  ],
  ['build', 'updates', 'update', () => tree().build({ updates: true } as never)],
  ['exec', 'timeOut', 'timeout', () => checkExec('web', ['true'], { timeOut: 5 })],
  [
    'openSession',
    'keeplogs',
    'keepLogs',
    () =>
      openSession(defineCluster({ services: { web: script('true') } }), { keeplogs: '/' } as never),
  ],
  ['doctor', 'definitions', 'definition', () => doctor({ definitions: {} } as never)],
  ['log.text', 'sinse', 'since', () => log.text({ sinse: 0 } as never)],
  ['log.waitFor', 'timeOut', 'timeout', () => log.waitFor('x', { timeOut: 1 } as never)],
]

function filesWith(file: object, of: 'files' | 'clientFiles') {
  return service({ [of]: () => ({ a: file }) }, of)
}

test.for(MISSPELT)(
  '%s: the misspelt option %s is refused, and the error suggests %s',
  async ([where, wrong, meant, run]) => {
    await expect((async () => run())()).rejects.toMatchObject({
      name: 'ClusterError',
      details: {
        message: `${where && `${where}: `}there is no option "${wrong}"`,
        fix: expect.stringMatching(
          `^Did you mean ${meant}\\? The options are (.*, )?${meant}(, .*)?\\.$`,
        ),
      },
    })
  },
)

test('an option without a similar name is refused with a list of the options', () => {
  expect(() => service({ unit: { Nice: 5 } })).toThrow(
    expect.objectContaining({
      details: expect.objectContaining({
        code: 'INVALID_DEFINITION',
        message: 'unit: there is no option "Nice"',
        fix: expect.stringMatching(/^The options are SystemCallDeny, /),
      }),
    }),
  )
})
