// @module-tag user
// @module-tag private
// @module-tag systemd
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { judgeControllers } from '../../src/doctor/checks/cgroups.ts'
import type { UnitOptions } from '../../src/index.ts'
import { readRecord } from '../../src/session/record.ts'
import { script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/** Limits that no machine allows. */
const TOO_MANY = 2 * Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'))

const limited = (unit: UnitOptions) =>
  script('cat /proc/self/cgroup; exec sleep inf', { unit, ready: { logLine: '^0::' } })

test("a session warns of its services' limits that the machine ignores", async () => {
  await using session = await up({
    one: limited({ MemoryMax: 2 ** 30, TasksMax: 100, LimitNOFILE: TOO_MANY }),
    two: limited({ MemoryMax: 2 ** 29, LimitNOFILE: 100, SystemCallDeny: ['mkdir:0'] }),
    free: limited({}),
  })
  const { cgroup } = session.plan.manager
  const group = /^0::(.*)$/m.exec(await (await session.handle('one')).log.text())?.[1] ?? ''
  const path = [`${cgroup}${group}`, `/sys/fs/cgroup${group}`, `/sys/fs/cgroup/unified${group}`]
  const enforced = (file: string) => path.some((each) => existsSync(`${each}/${file}`))
  const ignored = session.warnings.map(({ setting, services }) => ({ setting, services }))
  expect(ignored).toEqual([
    ...(enforced('memory.max') ? [] : [{ setting: 'MemoryMax', services: ['one', 'two'] }]),
    ...(enforced('pids.max') ? [] : [{ setting: 'TasksMax', services: ['one'] }]),
    { setting: 'LimitNOFILE', services: ['one'] },
  ])
  expect(session.warnings.at(-1)?.message).toMatch(
    new RegExp(
      `^LimitNOFILE is ignored: its manager may give \\d+ open files at most, not ${TOO_MANY}$`,
    ),
  )
  for (const { setting, message, fix } of session.warnings) {
    expect(message).toContain(`${setting} is ignored: `)
    expect(fix).not.toBe('')
  }
  expect((await readRecord(session.plan.paths.directory))?.warnings).toEqual(session.warnings)
})

test("the warning names the control group's file and how to enable the controllers", () => {
  const { status, fix } = judgeControllers('/group/cgroup.subtree_control', 'cpu', false)
  expect(status).toBe('warning')
  expect(fix).toMatchObject({
    all: ['echo +memory +pids | sudo tee /group/cgroup.subtree_control', expect.any(String)],
  })
})
