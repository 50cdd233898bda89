import { expect, test } from 'vitest'
import { ownTemporary } from '../helpers/leftovers.ts'
import { ONLY_ROOT, ORDINARY, opened, ROOT, type Situation, seen } from '../helpers/situation.ts'

test('user namespaces and mounts can be made here', async () => {
  const see = await seen({ uid: ORDINARY })
  expect(see('user-namespaces').status).toBe('ok')
  expect(see('mounts').status).toBe('ok')
})

test('as many user namespaces as may be exist already', async () => {
  // The one that is allowed is the one to become an ordinary user in
  const through = [
    ...['unshare', '--user', '--map-root-user', 'sh', '-ec'],
    'echo 1 >/proc/sys/user/max_user_namespaces && exec "$@"',
    ...['sh', 'unshare', '--user', '--map-user=4000', '--map-group=4000'],
  ]
  const one = (await seen({ through }))('user-namespaces')
  expect(one).toMatchObject({ status: 'missing', neededFor: ['session'] })
  expect(one.found).toBe(
    'forbidden (as many as may be exist already): unshare: unshare failed: No space left on device',
  )
})

/** Root of a user namespace with all uids, in which no further one may be made. */
const FORBIDDEN: Situation = {
  through: [
    'bash',
    '-ec',
    `coproc { exec unshare --user --mount sh -c 'echo; read -r _'; }
    read -r _ <&"\${COPROC[0]}"
    echo 0 0 4294967295 >/proc/$COPROC_PID/uid_map
    echo 0 0 4294967295 >/proc/$COPROC_PID/gid_map
    exec 9>&"\${COPROC[1]}" # bash closes its own when it becomes another program
    exec nsenter --user --mount --target $COPROC_PID --setuid 0 --setgid 0 -- \
      sh -ec 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' sh "$@"`,
    'sh',
  ],
}

test('where user namespaces are forbidden the error is that, and not what failed because of it', async ({
  skip,
}) => {
  skip(!ROOT, ONLY_ROOT)
  const temporary = await ownTemporary()
  const one = (await seen(FORBIDDEN))('user-namespaces')
  expect(one.status).toBe('missing')
  expect(one.found).toContain('forbidden (user.max_user_namespaces=0): ')
  const { code, message, left } = await opened(FORBIDDEN)
  expect(code).toBe('NO_MANAGER')
  expect(message).toContain('redis: its program cannot be run here: user-namespaces: forbidden')
  expect(message).toContain('sudo sysctl user.max_user_namespaces=15000')
  expect(left).toEqual([])
  expect(await temporary.leftovers()).toEqual([])
})

test('root that may not mount, as in a plain container', async ({ skip }) => {
  skip(!ROOT, ONLY_ROOT)
  const temporary = await ownTemporary()
  const drop = ['--bounding-set', '-sys_admin', '--inh-caps', '-sys_admin']
  const situation: Situation = { through: ['setpriv', ...drop] }
  const one = (await seen(situation))('mounts')
  expect(one).toMatchObject({ status: 'missing', neededFor: expect.arrayContaining(['session']) })
  expect(one.found).toContain('Operation not permitted')
  const { code, message } = await opened(situation)
  expect(code).toBe('NO_MANAGER')
  expect(message).toContain("the session's own systemd manager did not start: mounts: forbidden")
  expect(message).toContain('--privileged')
  expect(await temporary.leftovers()).toEqual([])
})
