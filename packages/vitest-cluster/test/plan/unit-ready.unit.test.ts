import { expect, test } from 'vitest'
import type { ServiceInput } from '../../src/definition/service.ts'
import type { Ready } from '../../src/definition/service-fields.ts'
import { awaited } from '../../src/plan/unit.ts'
import { difference } from '../helpers/planned.ts'

/** The settings that a unit has because of its readiness. */
function unitWith(ready: Ready, options: Partial<ServiceInput> = {}) {
  const [chroot, range] = (['chroot', 'range'] as const).map((isolation) =>
    difference(isolation, { ready, ...options }),
  )
  return { chroot, range }
}

test("the unit of ready: 'notify'", () => {
  const { chroot, range } = unitWith('notify')
  expect(chroot).toMatchInlineSnapshot(`
    "Type s "notify"
    NotifyAccess s "main""
  `)
  expect(range).toBe(chroot)
})

test("the unit of ready: 'forking'", () => {
  const { chroot, range } = unitWith('forking')
  expect(chroot).toMatchInlineSnapshot(`"Type s "forking""`)
  expect(range).toBe(chroot)
})

test("the unit of ready: 'started', with which the other tests compare", () => {
  expect(unitWith('started')).toEqual({ chroot: '', range: '' })
})

test("the unit of ready: 'exited' is a job, which a stop signal does not end with success", () => {
  const { chroot, range } = unitWith('exited')
  expect(chroot).toMatchInlineSnapshot(`
    "Type s "oneshot"
    RemainAfterExit b true"
  `)
  expect(range).toBe(chroot)
})

test("the unit of ready: 'listening' has a script with all ports, and whether it can read other processes", () => {
  const { chroot, range } = unitWith('listening', { ports: ['http', 'admin'] })
  expect(chroot).toMatchInlineSnapshot(
    `"ExecStartPostEx a(sasas) [["/usr/bin/env",["/usr/bin/env","PATH=/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","HOME=/srv/web","/bin/sh","/run/vitest-cluster-libexec/ready-listening.sh","one","30","127.0.0.1","10001","10002"],["no-setuid"]]]"`,
  )
  expect(range).toBe(chroot?.replace('"one"', '"many"'))
})

test("the unit of ready: { logLine } marks the log's end for the next start", () => {
  const { chroot, range } = unitWith({ logLine: 'up at $[0-9]' })
  expect(chroot).toMatchInlineSnapshot(`
    "ExecStartPostEx a(sasas) [["/usr/bin/env",["/usr/bin/env","PATH=/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","HOME=/srv/web","/bin/sh","/run/vitest-cluster-libexec/ready-log.sh","wait","/var/log/vitest-cluster/web.log","up at $$[0-9]"],["no-setuid"]]]
    ExecStopPostEx a(sasas) [["/usr/bin/env",["/usr/bin/env","PATH=/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","HOME=/srv/web","/bin/sh","/run/vitest-cluster-libexec/ready-log.sh","mark","/var/log/vitest-cluster/web.log"],["no-setuid","ignore-failure"]]]"
  `)
  expect(range).toBe(chroot)
})

test("the unit of ready: { exec } runs the tree's program as the service's user", () => {
  const { chroot, range } = unitWith({ exec: ['httpd', '-t', '$HOME'] })
  expect(chroot).toMatchInlineSnapshot(
    `"ExecStartPost a(sasb) [["/usr/bin/env",["/usr/bin/env","PATH=/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","HOME=/srv/web","/bin/sh","/run/vitest-cluster-libexec/ready-exec.sh","/usr/bin/env","--","PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","HOME=/srv/web","/usr/sbin/httpd","-t","$$HOME"],false]]"`,
  )
  expect(range).toBe(chroot)
})

test('each readiness is described for errors', () => {
  const words = (
    [
      'notify',
      'forking',
      'started',
      'exited',
      'listening',
      { logLine: 'up' },
      { exec: ['httpd', '-t'] },
    ] satisfies Ready[]
  ).map((ready) => awaited({ ready, address: '127.0.0.1', ports: { http: 80, admin: 81 } }))
  expect(words.join('\n')).toMatchInlineSnapshot(`
    "READY=1 from the service (sd_notify)
    the end of its first process (Type=forking)
    the program to be started
    the end of its program with exit status 0 (a one-off job)
    a listening socket of the service on port 80, 81 of 127.0.0.1
    a line of its log that matches "up"
    the first success of: httpd -t"
  `)
})
