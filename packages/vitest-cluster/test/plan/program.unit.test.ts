import { expect, test } from 'vitest'
import { planExec, planIdle } from '../../src/plan/program.ts'
import { sandbox } from '../../src/plan/sandbox.ts'
import { asText, besides, ground } from '../helpers/planned.ts'
import { script } from '../helpers/services.ts'

const services = { web: script('true', { accounts: [{ name: 'www' }] }) }
const chroot = ground('chroot', services)
const range = ground('range', services)
const files = { stdout: 'file:/s/output/1.out', stderr: 'file:/s/output/1.err' } as const

test('the unit of a program runs once, with output in files and without input', () => {
  const properties = planExec(
    ['httpd', '-v'],
    { service: 'web', timeout: 60_000, ...files },
    chroot,
  )
  expect(besides(sandbox(chroot, { service: 'web' }), properties)).toMatchInlineSnapshot(`
    "Description s "httpd in web of vitest-cluster session 0123abcd"
    ExecSearchPath as ["/usr/local/sbin","/usr/local/bin","/usr/sbin","/usr/bin","/sbin","/bin"]
    ExecStart a(sasb) [["/usr/sbin/httpd",["/usr/sbin/httpd","-v"],false]]
    Type s "exec"
    StandardOutputFile s "/s/output/1.out"
    StandardErrorFile s "/s/output/1.err"
    TimeoutStartUSec t 60000000
    TimeoutStopUSec t 2000000
    RuntimeMaxUSec t 60000000"
  `)
})

test('the unit of a program has the same sandbox as its service', () => {
  for (const plan of [
    planExec(['httpd'], { service: 'web', timeout: 1, ...files }, chroot),
    planIdle('web', { deny: [] }, chroot),
  ])
    expect(asText(plan)).toContain(asText(sandbox(chroot, { service: 'web' })))
})

test('the unit of a program with every option', () => {
  const options = {
    ...{ service: 'web', timeout: 1, ...files },
    ...{ user: 'www', group: 'session', env: { A: 'b' }, cwd: '/tmp' },
    ...{ stdin: '/s/output/1.in', deny: ['chown:0'] },
  }
  const properties = planExec(['httpd'], options, range)
  expect(besides(sandbox(range, { service: 'web' }), properties)).toMatchInlineSnapshot(`
    "Description s "httpd in web of vitest-cluster session 0123abcd"
    User s "1000"
    SupplementaryGroups as ["999"]
    WorkingDirectory s "/tmp"
    Environment as ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","LANG=C.UTF-8","HOME=/srv/web","A=b"]
    ExecStart a(sasb) [["/usr/sbin/httpd",["/usr/sbin/httpd"],false]]
    Type s "exec"
    StandardInputFile s "/s/output/1.in"
    StandardOutputFile s "/s/output/1.out"
    StandardErrorFile s "/s/output/1.err"
    TimeoutStartUSec t 1000
    TimeoutStopUSec t 2000000
    RuntimeMaxUSec t 1000
    SystemCallFilter (bas) [false,["chown:0"]]"
  `)
})

test("the unit of an interactive shell does not delay the session's end", () => {
  const options = { user: 'www', group: 'www', deny: ['chown:0'] }
  const properties = planIdle('web', options, range)
  expect(besides(sandbox(range, { service: 'web' }), properties)).toMatchInlineSnapshot(`
    "Description s "shell in web of vitest-cluster session 0123abcd"
    User s "1000"
    Group s "1000"
    SupplementaryGroups as ["999"]
    ExecStart a(sasb) [["/bin/sh",["/bin/sh","-c","exec sleep infinity"],false]]
    Type s "exec"
    KillSignal i 9
    SystemCallFilter (bas) [false,["chown:0"]]"
  `)
})
