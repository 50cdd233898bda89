import type { IsolationName, Services } from '../../src/definition/cluster.ts'
import type { ServiceInput } from '../../src/definition/service.ts'
import { ISOLATIONS } from '../../src/isolation/isolation.ts'
import { type SessionFacts, serviceContext } from '../../src/plan/context.ts'
import type { UnitSurroundings } from '../../src/plan/sandbox.ts'
import { planUnit } from '../../src/plan/unit.ts'
import { toProperties, type UnitSettings } from '../../src/systemd/settings.ts'
import { assignIds } from '../../src/tree/accounts.ts'
import { mount } from '../../src/tree/session-tree.ts'
import { script } from './services.ts'

export const ID = '0123abcd'
const OWNER = { uid: 61_184, gid: 61_184 }

/** What a session would know of the services under an isolation: numbers and paths that read well. */
export function surroundings(isolation: IsolationName, services: Services): UnitSurroundings {
  return {
    id: ID,
    isolation,
    tree: {
      root: '/s/root',
      mounts: [
        mount('/usr', '/usr'),
        { source: '/s/srv', target: '/srv', writable: true },
        mount('/trees/etc', '/etc'),
      ],
    },
    accounts: assignIds(services, ISOLATIONS[isolation].uids, OWNER),
    logs: '/s/log',
    output: '/s/output',
    shm: '/s/shm',
    ownManager: true,
    inherited: ['LANG', 'TERM', 'DISPLAY'],
    programs: { httpd: '/usr/sbin/httpd' },
    own: {},
  }
}

export function facts(isolation: IsolationName, services: Services): SessionFacts {
  const each = Object.entries(services).map(([name, { kind, ports = [], dependsOn = [] }]) => {
    const numbers = ports.map((port: string, index: number) => [port, 10_001 + index])
    const values = { token: `token of ${name}` }
    const own = { kind, ports: Object.fromEntries(numbers), values, dependsOn, treePath: '/' }
    return [name, own] as const
  })
  return {
    id: ID,
    directory: '/s',
    root: '/s/root',
    client: '/s/client',
    baseDirectory: '/project',
    ...OWNER,
    uids: ISOLATIONS[isolation].uids,
    services: Object.fromEntries(each),
  }
}

/** The unit of a service named `web`, with another named `db` beside it. */
export function plannedUnit(isolation: IsolationName, options: Partial<ServiceInput> = {}) {
  const services = { web: script('exec httpd', options), db: script('exec db') }
  const context = serviceContext(facts(isolation, services), 'web')
  return planUnit(services.web, context, surroundings(isolation, services))
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

/** The properties that others have not, as text. */
export function besides(others: UnitSettings, settings: UnitSettings): string {
  const known = asText(others).split('\n')
  const lines = asText(settings).split('\n')
  return lines.filter((line) => !known.includes(line)).join('\n')
}

/** What a unit has that the same unit without these options has not. */
export function difference(isolation: IsolationName, options: Partial<ServiceInput>): string {
  return besides(plannedUnit(isolation).settings, plannedUnit(isolation, options).settings)
}

/** The names of a unit's properties. */
export function namesOf(isolation: IsolationName, options: Partial<ServiceInput>): string[] {
  return toProperties(plannedUnit(isolation, options).settings).map(([name]) => name)
}
