import { expect, test } from 'vitest'
import vitestCluster from '../../src/vitest/plugin.ts'

function messageOf(options: unknown): string | undefined {
  try {
    vitestCluster(options as never)
    return undefined
  } catch (error) {
    return String(error)
  }
}

const ALL = 'The options are config, ports, keepOnFailure, timing, report, env.'
const OBJECT = 'Write an object with config, ports, keepOnFailure, timing, report, env.'
const NUMBERS =
  "Write integers from 1 to 65535 by SERVICE or SERVICE.PORT: { ssh: 20059, 'ldap.ldaps': 10636 }. The session chooses the numbers of all other ports."

test.for([
  [{ configFile: 'x' }, 'there is no option "configFile"', `Did you mean config? ${ALL}`],
  [
    { keeponfailure: true },
    'there is no option "keeponfailure"',
    `Did you mean keepOnFailure? ${ALL}`,
  ],
  [{ toString: true }, 'there is no option "toString"', ALL],
  [null, 'options is null, which is not an object', OBJECT],
  ['./cluster.ts', 'options is "./cluster.ts", which is not an object', OBJECT],
  [['./cluster.ts'], 'options is ["./cluster.ts"], which is not an object', OBJECT],
  [
    { config: true },
    'config is true, which is not a path',
    "Give the path of the cluster's file, such as './test/cluster.config.ts'.",
  ],
  [
    { config: '' },
    'config is "", which is not a path',
    "Give the path of the cluster's file, such as './test/cluster.config.ts'.",
  ],
  [
    { ports: { ssh: '20059' } },
    'ports.ssh is "20059", which is not an integer from 1 to 65535',
    NUMBERS,
  ],
  [{ ports: ['ssh'] }, 'ports is ["ssh"], which is not an object', NUMBERS],
  [
    { keepOnFailure: 'soon' },
    'keepOnFailure is "soon", which is not a duration',
    "Give true for 30 minutes, or a duration such as '90s', '10m' or '2h'.",
  ],
  [
    { keepOnFailure: 90 },
    'keepOnFailure is 90, which is not a duration',
    "Give true for 30 minutes, or a duration such as '90s', '10m' or '2h'.",
  ],
  [
    { timing: 'yes' },
    'timing is "yes", which is not a boolean',
    'Write timing: true or timing: false.',
  ],
  [{ report: 1 }, 'report is 1, which is not a boolean', 'Write report: true or report: false.'],
] as const)('the plugin refuses %j', ([options, what, fix]) => {
  expect(messageOf(options)).toBe(
    `ClusterError: vitestCluster: ${what} [INVALID_INPUT]\n  fix: ${fix}`,
  )
})

test.for([
  {},
  undefined,
  { config: undefined, keepOnFailure: undefined },
  { config: './a.ts', keepOnFailure: '90s', timing: false, report: true },
  { keepOnFailure: false },
  { keepOnFailure: '' },
])('the plugin accepts %j', (options) => {
  expect(messageOf(options)).toBeUndefined()
})
