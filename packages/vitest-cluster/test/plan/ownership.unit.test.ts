import { expect, test } from 'vitest'
import type { Services } from '../../src/definition/cluster.ts'
import { planGiving, planOwnership, planReclaim } from '../../src/plan/ownership.ts'
import type { ServicePlan } from '../../src/plan/session-plan.ts'
import { asText, ground } from '../helpers/planned.ts'
import { script } from '../helpers/services.ts'

const services: Services = {
  web: script('true', {
    accounts: [
      { name: 'www', home: '/home/www' },
      { name: 'daemon', home: '/var/www' },
    ],
    user: 'www',
    group: 'log',
  }),
  db: script('true'),
}

const planned = Object.entries(services).map(
  ([name, { user, group }]) => ({ name, user, group }) as ServicePlan,
)

test('the ownership unit gives each directory to its service, and each home to its account', () => {
  expect(
    asText(planOwnership({ services }, ground('range', services)).settings),
  ).toMatchInlineSnapshot(`
    "Description s "Owners of files of vitest-cluster session 0123abcd"
    Slice s "vitest_cluster_0123abcd.slice"
    CollectMode s "inactive-or-failed"
    ExecStart a(sasb) [["/bin/sh",["/bin/sh","/run/vitest-cluster-libexec/own.sh","session:","/home/session","www:","/home/www","www:log","/srv/web","session:","/srv/db"],false]]
    Type s "oneshot"
    StandardErrorFileToAppend s "/var/log/vitest-cluster/_ownership.log"
    RemainAfterExit b true"
  `)
})

test('the reclaim unit gives the directories back to root, and does not stay active', () => {
  expect(asText(planReclaim(planned, ground('range', services)).settings)).toMatchInlineSnapshot(`
    "Description s "Owners of files of vitest-cluster session 0123abcd"
    Slice s "vitest_cluster_0123abcd.slice"
    CollectMode s "inactive-or-failed"
    ExecStart a(sasb) [["/bin/sh",["/bin/sh","/run/vitest-cluster-libexec/own.sh","root:root","/srv/web","root:root","/srv/db"],false]]
    Type s "oneshot"
    StandardErrorFileToAppend s "/var/log/vitest-cluster/_ownership.log""
  `)
})

test('the giving unit returns the directories to the services after the run has written files', () => {
  const { settings } = planGiving(planned, ground('range', services))
  expect(settings.ExecStart).toEqual([
    ...['/bin/sh', '/run/vitest-cluster-libexec/own.sh'],
    ...['www:log', '/srv/web', 'session:', '/srv/db'],
  ])
})
