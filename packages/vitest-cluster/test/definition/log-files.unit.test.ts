import { expect, test } from 'vitest'
import { defineCluster } from '../../src/index.ts'
import { checkLogFiles } from '../../src/plan/log-files.ts'
import { planSession } from '../../src/plan/plan-session.ts'
import { known } from '../helpers/planned.ts'
import { refusal } from '../helpers/refusal.ts'
import { script } from '../helpers/services.ts'

const defined = (logFiles: unknown) => () =>
  defineCluster({ services: { app: script('true', { logFiles: logFiles as string[] }) } })

test.for([
  ['/var/log/app.log', 'logFiles is "/var/log/app.log", which is not an array'],
  [['app.log'], 'logFiles[0] is "app.log", which does not begin with /'],
  [['/var/log/'], 'logFiles[0] is "/var/log/", which ends with /'],
  [['/var/../etc/log'], 'logFiles[0] is "/var/../etc/log", which has .. in it'],
  [['/a\nb'], 'logFiles[0] is "/a\\nb", which has a line break or another control character'],
  [[7], 'logFiles[0] is 7, which is not a string'],
  [['/dev/log'], 'logFiles[0] is "/dev/log": programs do not write log files in /dev'],
  [['/var/log/vitest-cluster/app.log'], 'programs do not write log files in /var/log/vitest-cl'],
  [['/a/b', '/a//b'], 'logFiles has "/a/b" twice'],
] as const)('refuses %j', ([logFiles, message]) => {
  const { code, message: said, fix } = refusal(defined(logFiles))
  expect({ code, said }).toEqual({
    code: 'INVALID_DEFINITION',
    said: expect.stringContaining(message),
  })
  expect(fix).not.toBe('')
})

test('refuses a file of two services', () => {
  const services = [
    { name: 'a', logFiles: ['/var/log/a.log', '/var/log/both.log'] },
    { name: 'b' },
    { name: 'c', logFiles: ['/var/log/both.log'] },
  ]
  expect(refusal(() => checkLogFiles(services, known('chroot', {}))).message).toBe(
    'has the log file /var/log/both.log, which is a log file of a, too',
  )
})

test('refuses files of a dynamic user', async () => {
  const unit = { DynamicUser: true }
  const app = script('true', { logFiles: ['/var/log/a.log'], needs: ['systemd'], unit })
  const cluster = defineCluster({ services: { app } })
  const chosen = { ports: {}, values: {} }
  await expect(planSession(cluster, known('boot', { app }), chosen)).rejects.toMatchObject({
    code: 'INVALID_DEFINITION',
    message: expect.stringContaining('has logFiles and unit: { DynamicUser: true }'),
  })
})
