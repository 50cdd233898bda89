import type { IsolationName, Services } from '../../src/definition/cluster.ts'
import { dependencyNames } from '../../src/definition/dependencies.ts'
import { portNames } from '../../src/definition/ports.ts'
import type { ServiceInput } from '../../src/definition/service.ts'
import { ISOLATIONS } from '../../src/isolation/isolation.ts'
import { type Known, serviceContext } from '../../src/plan/context.ts'
import { sessionPaths } from '../../src/plan/paths.ts'
import type { ServiceRoot, SessionGround } from '../../src/plan/session-plan.ts'
import { evaluated, planUnit } from '../../src/plan/unit.ts'
import { assignIds } from '../../src/root/accounts.ts'
import { mount } from '../../src/root/plan.ts'
import { toProperties, type UnitSettings } from '../../src/systemd/settings.ts'
import { script } from './services.ts'

export const ID = '0123abcd'
const OWNER = { uid: 61_184, gid: 61_184 }

/** A root file system without anything to create. */
export function rootOfTree(directory: string, root: Partial<ServiceRoot> = {}): ServiceRoot {
  const nothing = { mounts: [], directories: [], links: [], files: [], copies: [] }
  return { directory, ...nothing, tree: '/', programs: {}, ...root }
}

/** The ground of a session's plan under an isolation, with numbers and paths that are easy to read. */
export function ground(isolation: IsolationName, services: Services): SessionGround {
  const { uids } = ISOLATIONS[isolation]
  const paths = { ...sessionPaths('/', 's'), root: '/s/root', logs: '/s/log' }
  return {
    id: ID,
    paths: { ...paths, output: '/s/output', shm: '/s/shm', client: '/s/client' },
    baseDirectory: '/project',
    isolation,
    uids,
    network: 'host',
    owner: OWNER,
    accounts: assignIds(services, uids, OWNER),
    manager: {
      own: true,
      address: 'unix:path=/s/bus',
      cgroup: '/s/cgroup',
      hidden: ['LANG', 'TERM', 'DISPLAY'],
    },
    trees: {},
    hosts: {},
    roots: {
      main: rootOfTree('/s/root', {
        mounts: [
          mount('/usr', '/usr'),
          { source: '/s/srv', target: '/srv', writable: true },
          mount('/trees/etc', '/etc'),
        ],
        programs: { httpd: '/usr/sbin/httpd' },
      }),
      own: {},
      of: {},
    },
  }
}

/** The same with what services know of each other. */
export function known(isolation: IsolationName, services: Services): Known & SessionGround {
  const each = Object.entries(services).map(([name, { kind, ports, dependsOn }]) => {
    const numbers = portNames(ports).map((port, index) => [port, 10_001 + index])
    const values = { token: `token of ${name}` }
    const place = { address: '127.0.0.1', host: undefined }
    const told = { kind, ...place, ports: Object.fromEntries(numbers), values }
    return [name, { ...told, dependsOn: dependencyNames(dependsOn) }] as const
  })
  return { ...ground(isolation, services), services: Object.fromEntries(each) }
}

/** The unit of a service named `web`, with another named `db` beside it. */
export function plannedUnit(isolation: IsolationName, options: Partial<ServiceInput> = {}) {
  const services = { web: script('exec httpd', options), db: script('exec db') }
  const all = known(isolation, services)
  return planUnit(services.web, evaluated(services.web, serviceContext(all, 'web')), all)
}

/** A unit's properties as text, a line each: name, signature, value. */
export function asText(settings: UnitSettings): string {
  const lines = toProperties(settings).map(
    ([name, { signature, value }]) => `${name} ${signature} ${json(value)}`,
  )
  return lines.join('\n')
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? Number(each) : each))
}

/** The properties that are not among the others, as text. */
export function besides(others: UnitSettings, settings: UnitSettings): string {
  const known = asText(others).split('\n')
  const lines = asText(settings).split('\n')
  return lines.filter((line) => !known.includes(line)).join('\n')
}

/** The properties that a unit has because of these options. */
export function difference(isolation: IsolationName, options: Partial<ServiceInput>): string {
  return besides(plannedUnit(isolation).settings, plannedUnit(isolation, options).settings)
}

/** The names of a unit's properties. */
export function namesOf(isolation: IsolationName, options: Partial<ServiceInput>): string[] {
  return toProperties(plannedUnit(isolation, options).settings).map(([name]) => name)
}
