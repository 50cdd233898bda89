// @module-tag user
/** The command line works with each isolation, with other uids and process numbers in the tree. */
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Shell } from '../support/cli.ts'
import { ISOLATIONS, reason } from '../support/isolations.ts'
import { project } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'

afterEach(() => void vi.unstubAllEnvs())

for (const isolation of ISOLATIONS) {
  const missing = await reason(isolation)
  const title = missing ? `${isolation} (this machine cannot: ${missing})` : isolation
  test.skipIf(missing)(`up, status, exec, shell, report and down work under ${title}`, async () => {
    vi.stubEnv('VITEST_CLUSTER_ISOLATION', isolation)
    const shell = await Shell.open(project(plugin))
    expect(await shell.run('up', '--detach')).toMatchObject({ exitCode: 0 })
    const { services } = JSON.parse((await shell.run('status', '--json')).stdout)
    expect(readFileSync(`/proc/${services[0].pid}/cmdline`, 'utf8')).toMatch(/memcached|redis/)
    expect(await shell.run('exec', 'cache', '--', 'pwd')).toMatchObject({ stdout: '/srv/cache\n' })
    const inside = await shell.run(
      'shell',
      'cache',
      '--',
      'sh',
      '-c',
      'pwd; id -un; cat /etc/hostname',
    )
    expect(inside).toMatchObject({ stdout: '/srv/cache\nsession\nvitest-cluster\n', exitCode: 0 })
    const report = await shell.run('report', '--output', `${shell.directory}/report.html`)
    expect(report).toMatchObject({ exitCode: 0 })
    expect(readFileSync(`${shell.directory}/report.html`, 'utf8')).toContain('ExecStart=')
    expect(await shell.run('restart', 'cache')).toMatchObject({ exitCode: 0 })
    expect(await shell.run('down')).toMatchObject({ exitCode: 0 })
    await shell.nothingLeft()
  })
}

describe('doctor', () => {
  test('prints what the machine has, and whether a session opens', async () => {
    const shell = await Shell.open(project(plugin))
    const { stdout, exitCode } = await shell.run('doctor')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ok +flock +\//m)
    expect(stdout).toMatch(/Sessions can be opened here/)
    const list = JSON.parse((await shell.run('doctor', '--json')).stdout)
    expect(list).toContainEqual(expect.objectContaining({ id: 'cgroup2', status: 'ok' }))
  })

  test('exits with 3 and prints the fix if no session opens', async () => {
    const shell = await Shell.open(project(plugin))
    const ended = await shell.start(['doctor'], { env: { PATH: '/nonexistent' } }).ended
    expect(ended.exitCode).toBe(3)
    expect(ended.stdout).toMatch(/^missing +flock +no flock/m)
    expect(ended.stdout).toMatch(/A session cannot be opened here. Missing: .*flock/)
  })
})
