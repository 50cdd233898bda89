// @module-tag user
import { expect, test } from 'vitest'
import { selectManager } from '../../src/open/select-manager.ts'
import { ownTemporary } from '../helpers/own-temporary.ts'
import {
  areSysctlsClosed,
  forbidden,
  linesOf,
  ONLY_ROOT,
  ORDINARY,
  opened,
  ROOT,
  type Situation,
  seen,
  skipWhen,
} from '../helpers/situation.ts'

test('doctor() finds that user namespaces and mounts are possible', async () => {
  const see = await seen({ uid: ORDINARY })
  expect(see('user-namespaces').status).toBe('ok')
  expect(see('mounts').status).toBe('ok')
})

test('doctor() reports that user namespaces are nested as deeply as the kernel allows', async () => {
  const deeper = `ns='unshare --user --map-user=4000 --map-group=4000'
    if $ns true 2>&-; then exec $ns sh -c "$0" "$0" "$@"; else exec "$@"; fi`
  const one = (await seen({ through: ['sh', '-c', deeper, deeper] }))('user-namespaces')
  expect(one).toMatchObject({ status: 'missing', neededFor: ['session'] })
  expect(one.found).toBe(
    'forbidden (the limit of namespaces, or of their nesting, is reached): unshare: unshare failed: No space left on device',
  )
})

test('doctor() reports a seccomp filter that forbids user namespaces, as in containers', async ({
  skip,
}) => {
  const { kind } = await selectManager()
  skipWhen(skip, kind !== 'user', 'needs the systemd of an ordinary user, which sets such a filter')
  const through = ['systemd-run', '--user', '--quiet', '--pipe', '--wait', '--collect']
  const filter = '--property=RestrictNamespaces=~user'
  const one = (await seen({ through: [...through, filter] }))('user-namespaces')
  expect(one.status).toBe('missing')
  expect(one.found).toBe(
    'forbidden (a seccomp filter): unshare: unshare failed: Operation not permitted',
  )
  expect(linesOf(one).join('\n')).toContain('--security-opt seccomp=unconfined')
})

test('openSession() reports forbidden user namespaces, and not the failure that follows from it', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  skipWhen(skip, await areSysctlsClosed(), 'sysctls are read-only in this container')
  const situation = await forbidden()
  const temporary = await ownTemporary()
  const one = (await seen(situation))('user-namespaces')
  expect(one.status).toBe('missing')
  expect(one.found).toContain('forbidden (user.max_user_namespaces=0): ')
  const { code, message, left } = await opened(situation)
  expect(code).toBe('NO_MANAGER')
  expect(message).toContain('redis: its program cannot be run here: user-namespaces: forbidden')
  expect(message).toContain('sudo sysctl user.max_user_namespaces=15000')
  expect(left).toEqual([])
  expect(await temporary.leftovers()).toEqual([])
})

test('doctor() and openSession() report that root may not mount, as in a plain container', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const temporary = await ownTemporary()
  const drop = ['--bounding-set', '-sys_admin', '--inh-caps', '-sys_admin']
  const situation: Situation = { through: ['setpriv', ...drop] }
  const one = (await seen(situation))('mounts')
  expect(one).toMatchObject({ status: 'missing', neededFor: expect.arrayContaining(['session']) })
  expect(one.found).toMatch(/^forbidden \(root has no CAP_SYS_ADMIN\): .*Operation not permitted$/)
  const { code, message } = await opened(situation)
  expect(code).toBe('NO_MANAGER')
  expect(message).toContain("the session's own systemd manager did not start: mounts: forbidden")
  expect(message).toContain('--privileged')
  expect(await temporary.leftovers()).toEqual([])
})
