import { expect, test } from 'vitest'
import { serviceContext, serviceDirectory } from '../../src/plan/context.ts'
import { known, rootOfTree } from '../helpers/planned.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const services = {
  web: script('true', { ports: ['http', 'admin'], dependsOn: ['db'] }),
  db: script('true', { ports: ['sql'] }),
}
const context = (name: string) => serviceContext(known('range', services), name)

test('the context of a service has its ports, its values and its paths', () => {
  const { has, service, ...plain } = context('web')
  expect(plain).toEqual({
    name: 'web',
    ...{ address: '127.0.0.1', host: undefined },
    ports: { http: 10_001, admin: 10_002 },
    values: { token: 'token of web' },
    directory: '/srv/web',
    clientDirectory: '/s/client/web',
    baseDirectory: '/project',
    uid: 61_184,
    gid: 61_184,
    uids: 'many',
  })
  expect(serviceDirectory('web')).toBe(plain.directory)
})

test('the context of a service has its dependencies, and no other services', () => {
  expect(context('web').service('db')).toEqual({
    name: 'db',
    kind: 'script',
    ...{ address: '127.0.0.1', host: undefined },
    ports: { sql: 10_001 },
    values: { token: 'token of db' },
    directory: '/srv/db',
  })
  for (const other of ['web', 'elsewhere', 'toString']) {
    expect(refusal(() => context('db').service(other))).toEqual({
      code: 'UNKNOWN_DEPENDENCY',
      at: expect.objectContaining({ file: import.meta.filename }),
      service: 'db',
      message: `asks for '${other}' without depending on it`,
      fix: `Add dependsOn: ['${other}'] to its definition.`,
    })
  }
})

test("has() looks paths up in the service's tree", () => {
  const all = known('chroot', services)
  const web = rootOfTree('/s/roots/web/root', { tree: '/nowhere' })
  const other = { ...all, roots: { ...all.roots, own: { web } } }
  expect(serviceContext(other, 'web').has('/proc')).toBe(false)
  expect(serviceContext(other, 'db').has('/proc')).toBe(true)
})

test("an unknown service is an error that lists the session's services", () => {
  expect(() => context('cache')).toThrow(
    "this session has no service 'cache' [NO_SUCH_SERVICE]\n  fix: Its services: web, db.",
  )
})

test('has() of an invalid path is an error with the service', () => {
  for (const path of [undefined, 5, null, 'a\0'])
    expect(refusal(() => context('web').has(path as never))).toMatchObject({
      code: 'INVALID_DEFINITION',
      service: 'web',
      message: expect.stringContaining('asks whether its tree has'),
    })
})
