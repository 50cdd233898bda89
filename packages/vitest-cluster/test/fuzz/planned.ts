import { resolve } from 'node:path'
import { expect } from 'vitest'
import { awaitable, checkedHandle } from '../../src/definition/check-results.ts'
import { defineCluster, forSession } from '../../src/definition/define.ts'
import type { ServiceDefinition } from '../../src/definition/service.ts'
import type { StateContext } from '../../src/definition/service-context.ts'
import type { Files } from '../../src/definition/service-fields.ts'
import { serviceContext } from '../../src/plan/context.ts'
import { chooseValues, planSession } from '../../src/plan/plan-session.ts'
import { assignIds, group, passwd } from '../../src/root/accounts.ts'
import { etcFiles } from '../../src/root/etc.ts'
import { nameSources } from '../../src/root/names.ts'
import { toProperties, type UnitSettings, unitText } from '../../src/systemd/settings.ts'
import { ground, known } from '../helpers/planned.ts'

const TREE = {
  users: [{ name: 'www-data', uid: 33, gid: 33, home: '/var/www', shell: '/bin/sh' }],
  groups: [
    { name: 'www-data', gid: 33, members: [] },
    { name: 'tty', gid: 5, members: [] },
    { name: 'log', gid: 77, members: ['www-data'] },
  ],
}

/** Plans a session without starting anything. Checks that no path leaves the session's directories. */
export async function planAll(definition: unknown): Promise<void> {
  const { services, names = {} } = forSession(defineCluster(definition as never))
  for (const uids of ['one', 'many'] as const) {
    const accounts = assignIds(services, uids, { uid: 61_184, gid: 61_184 }, TREE, names)
    expectLines(passwd(accounts), 7, Object.keys(accounts.users).length)
    expectLines(group(accounts), 4, Object.keys(accounts.groups).length)
    for (const { gid, home } of Object.values(accounts.users)) {
      if (uids === 'many') expect(Object.values(accounts.groups)).toContain(gid)
      expect(resolve('/root', `.${home}`)).toMatch(/^\/root/)
    }
    const hostNames = Object.keys(services)
    const hosts = names.hosts ?? {}
    const sources = nameSources(services, names, false)
    const etc = etcFiles({
      ...{ hostNames, addresses: [], hosts, machines: ['me.example'] },
      ...{ sources, accounts },
    })
    expect(etc['hosts']?.split('\n').length).toBeLessThanOrEqual(Object.keys(hosts).length + 4)
    for (const line of etc['hosts']?.trimEnd().split('\n') ?? [])
      expect(line).toMatch(/^[0-9a-f.:]+(%\w+)?( [\w.-]+)+$/i)
    for (const line of etc['nsswitch.conf']?.trimEnd().split('\n') ?? [])
      expect(line).toMatch(/^[a-z0-9_]+:( [\w-]+( \[[^\n\]]+\])?)+$/)
  }
  for (const { hostPaths = [] } of Object.values(services))
    for (const path of hostPaths) expect(path).toMatch(/^\/[^\n\0]+$/)
  for (const isolation of ['chroot', 'boot'] as const) {
    const around = ground(isolation, services)
    const values = await chooseValues(services, around)
    expect(JSON.parse(JSON.stringify(values))).toEqual(withoutNegativeZero(structuredClone(values)))
    const all = known(isolation, services)
    const ports = Object.fromEntries(
      Object.entries(all.services).map(([name, service]) => [name, service.ports]),
    )
    const plan = await planSession({ services }, around, { ports, values })
    expect(JSON.parse(JSON.stringify(plan))).toEqual(withoutNegativeZero(structuredClone(plan)))
    if (plan.ownership) expectTyped(plan.ownership.settings)
    for (const [name, { unit, files, clientFiles, state: template }] of Object.entries(
      plan.services,
    )) {
      expectInside(files)
      expectInside(clientFiles)
      expect(unit.name).toMatch(/^vitest-cluster-0123abcd-[A-Za-z0-9-]+\.service$/)
      expectTyped(unit.settings)
      if (template) expect(template).toMatch(/\/state\/[A-Za-z0-9-]+\/[0-9a-f]{32}$/)
      const service = services[name] as ServiceDefinition
      await service.state?.make({
        name,
        write: async () => {},
        exec: never,
      } as unknown as StateContext)
      const context = { ...serviceContext(plan, name), read: never, exec: never }
      const handle = service.handle?.({ ...context, log: { tail: never } }) ?? {}
      checkedHandle((await awaitable(handle, name)) ?? {}, name)
    }
  }
}

async function never(): Promise<never> {
  throw new Error('nothing runs')
}

/** JSON turns -0 into 0, which does not matter. */
function withoutNegativeZero(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNegativeZero)
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withoutNegativeZero(each)]),
  )
}

function expectLines(text: string, fields: number, count: number): void {
  const lines = text.split('\n').slice(0, -1)
  expect(lines).toHaveLength(count)
  for (const line of lines) expect(line.split(':')).toHaveLength(fields)
}

function expectInside(files: Files): void {
  for (const [path, file] of Object.entries(files)) {
    expect(resolve('/srv/web', path)).toMatch(/^\/srv\/web\/./)
    const { content, mode } = typeof file === 'string' ? { content: file, mode: 0 } : file
    expect(content).toBeTypeOf('string')
    expect(mode).toSatisfy((bits: number) => Number.isInteger(bits) && bits >= 0 && bits <= 0o7777)
  }
}

/** Checks that a unit file has one line for each setting, or that the error says what a unit file cannot express. */
function expectUnitFile(settings: UnitSettings): void {
  let text: string
  try {
    text = unitText(settings)
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_DEFINITION' })
    return
  }
  for (const line of text.split('\n')) {
    const [, name] = /^([A-Za-z]+)=/.exec(line) ?? []
    if (name === undefined) expect(line).toMatch(/^(\[(Unit|Service)\])?$/)
    else expect(settings).toHaveProperty(name)
  }
}

/** Checks that the plan is plain data that D-Bus can carry (dbus-specification, "Type System"). */
function expectTyped(settings: UnitSettings): void {
  expect(JSON.parse(JSON.stringify(settings))).toEqual(settings)
  expectUnitFile(settings)
  for (const [, { signature, value }] of toProperties(settings)) {
    if (signature === 't')
      expect((value as bigint) < 2n ** 64n && (value as bigint) >= 0n).toBe(true)
    if (signature === 'i' || signature === 'u') expect(Number.isInteger(value)).toBe(true)
    for (const word of [value].flat(5)) {
      if (
        signature.includes('s') &&
        typeof word !== 'bigint' &&
        typeof word !== 'boolean' &&
        typeof word !== 'number'
      ) {
        expect(word).toBeTypeOf('string')
        expect(String(word).includes('\0')).toBe(false)
        expect(String(word).isWellFormed()).toBe(true)
      }
    }
  }
}
