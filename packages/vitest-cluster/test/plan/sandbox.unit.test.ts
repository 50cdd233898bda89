import { expect, test } from 'vitest'
import { denied, resolve, sandbox } from '../../src/plan/sandbox.ts'
import type { SessionGround } from '../../src/plan/session-plan.ts'
import { mount } from '../../src/root/plan.ts'
import { toProperties } from '../../src/systemd/settings.ts'
import { asText, ground, rootOfTree } from '../helpers/planned.ts'
import { script } from '../helpers/services.ts'

const plain = ground('chroot', { web: script('true') })
/** Where `db` has a tree of its own, and `web` the session's. */
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

test('a bare name becomes the path that the tree has, whatever its arguments are', () => {
  expect(resolve(['httpd', 'httpd', '-d'], 'web', plain)).toEqual([
    '/usr/sbin/httpd',
    'httpd',
    '-d',
  ])
  expect(resolve(['/opt/httpd'], 'web', plain)).toEqual(['/opt/httpd'])
  expect(resolve(['other'], 'web', plain)).toEqual(['other'])
})

test('a service with a tree of its own has the programs of that, and only those', () => {
  const postgres = '/usr/lib/postgresql/17/bin/postgres'
  expect(resolve(['postgres'], 'db', two)).toEqual([postgres])
  expect(resolve(['httpd'], 'db', two)).toEqual(['httpd'])
  expect(resolve(['postgres'], 'web', two)).toEqual(['postgres'])
})

test('a service with a tree of its own is put there, others into the session’s', () => {
  const [db, web] = ['db', 'web'].map((service) => sandbox(two, { service }))
  expect(asText(db ?? {})).toContain('RootDirectory s "/s/roots/db"')
  expect(asText(db ?? {})).toContain('["/trees/db","/usr",false,16384]')
  expect(asText(db ?? {})).not.toContain('/trees/etc')
  expect(asText(web ?? {})).toContain('RootDirectory s "/s/root"')
})

test('what a definition says of the environment wins, and what is set is not unset', () => {
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

test('it begins in its own directory, or where it is told to', () => {
  expect(propertyOf('WorkingDirectory', sandbox(plain, { service: 'web' }))).toBe('/srv/web')
  expect(propertyOf('WorkingDirectory', sandbox(plain, { service: 'web', cwd: '/' }))).toBe('/')
})

test('a list of calls denies them, and none is not a filter', () => {
  expect(toProperties(denied(['setgroups:0']))).toEqual([
    ['SystemCallFilter', { signature: '(bas)', value: [false, ['setgroups:0']] }],
  ])
  expect([denied([]), denied(undefined)]).toEqual([{}, {}])
})
