import { expect, test } from 'vitest'
import { denied, resolve, sandbox } from '../../src/plan/sandbox.ts'
import type { SessionGround } from '../../src/plan/session-plan.ts'
import { mount } from '../../src/root/plan.ts'
import { toProperties } from '../../src/systemd/settings.ts'
import { asText, ground, rootOfTree } from '../helpers/planned.ts'
import { script } from '../helpers/services.ts'

const plain = ground('chroot', { web: script('true') })
/** `db` has its own tree, `web` the session's. */
const two: SessionGround = {
  ...plain,
  roots: {
    ...plain.roots,
    own: {
      db: rootOfTree('/s/roots/db', {
        mounts: [mount('/trees/db', '/usr')],
        programs: { postgres: '/usr/lib/postgresql/17/bin/postgres' },
      }),
    },
  },
}
const propertyOf = (name: string, settings: ReturnType<typeof sandbox>) =>
  toProperties(settings).find(([each]) => each === name)?.[1].value

test("a program's bare name becomes its path in the tree, and its arguments are unchanged", () => {
  expect(resolve(['httpd', 'httpd', '-d'], 'web', plain)).toEqual([
    '/usr/sbin/httpd',
    'httpd',
    '-d',
  ])
  expect(resolve(['/opt/httpd'], 'web', plain)).toEqual(['/opt/httpd'])
  expect(resolve(['other'], 'web', plain)).toEqual(['other'])
})

test("a service with its own tree has only that tree's programs", () => {
  const postgres = '/usr/lib/postgresql/17/bin/postgres'
  expect(resolve(['postgres'], 'db', two)).toEqual([postgres])
  expect(resolve(['httpd'], 'db', two)).toEqual(['httpd'])
  expect(resolve(['postgres'], 'web', two)).toEqual(['postgres'])
})

test("a service with its own tree runs in that tree, others in the session's", () => {
  const [db, web] = ['db', 'web'].map((service) => sandbox(two, { service }))
  expect(asText(db ?? {})).toContain('RootDirectory s "/s/roots/db"')
  expect(asText(db ?? {})).toContain('["/trees/db","/usr",false,16384]')
  expect(asText(db ?? {})).not.toContain('/trees/etc')
  expect(asText(web ?? {})).toContain('RootDirectory s "/s/root"')
})

test("the definition's variables override the defaults, and are not unset", () => {
  const properties = sandbox(plain, { service: 'web', env: { PATH: '/opt', TERM: '', A: 'b=c' } })
  expect(propertyOf('Environment', properties)).toEqual([
    'PATH=/opt',
    'LANG=C.UTF-8',
    'HOME=/srv/web',
    'TERM=',
    'A=b=c',
  ])
  expect(propertyOf('UnsetEnvironment', properties)).toEqual(['DISPLAY'])
})

test("the working directory is the service's directory, or cwd", () => {
  expect(propertyOf('WorkingDirectory', sandbox(plain, { service: 'web' }))).toBe('/srv/web')
  expect(propertyOf('WorkingDirectory', sandbox(plain, { service: 'web', cwd: '/' }))).toBe('/')
})

test('a list of system calls becomes a filter, an empty list does not', () => {
  expect(toProperties(denied(['setgroups:0']))).toEqual([
    ['SystemCallFilter', { signature: '(bas)', value: [false, ['setgroups:0']] }],
  ])
  expect([denied([]), denied(undefined)]).toEqual([{}, {}])
})
