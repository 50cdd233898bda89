// @module-tag user
// @module-tag systemd
import { expect, test } from 'vitest'
import { Shell } from '../support/cli.ts'
import { project } from '../support/project.ts'

const config = `
  import { defineCluster, defineService } from 'vitest-cluster'

  const service = (...dependsOn) => defineService({
    kind: 'script',
    ready: 'started',
    command: () => ['sh', '-c', 'echo begun; exec sleep 100'],
    dependsOn,
  })

  export default defineCluster({ services: { web: service('db'), db: service() } })
`

test('stop, start, restart and kill change the services of a session in the background', async () => {
  const shell = await Shell.open(project({ 'cluster.config.ts': config }))
  await shell.run('up', '--detach')
  for (const back of ['start', 'restart']) {
    expect(await shell.run('stop', 'db')).toMatchObject({
      exitCode: 0,
      stderr: 'web is stopped\ndb is stopped\n',
    })
    const status = await shell.run('status')
    expect(status.exitCode).toBe(3)
    expect(status.stdout).toMatch(/^db +script +inactive +was stopped by vitest-cluster stop /m)
    expect(status.stdout).toMatch(
      /^web +script +inactive +was stopped by vitest-cluster stop of db, which it requires /m,
    )
    const report = JSON.parse((await shell.run('report', '--json')).stdout)
    expect(report.services).toContainEqual(
      expect.objectContaining({
        name: 'db',
        end: expect.objectContaining({
          onPurpose: true,
          noted: expect.objectContaining({ message: 'was stopped by vitest-cluster stop' }),
        }),
      }),
    )
    const { stderr } = await shell.run(back, 'db')
    expect(stderr.replaceAll(' again', '')).toBe('db is ready\nweb is ready\n')
    expect(await shell.run('status')).toMatchObject({ exitCode: 0 })
  }
  expect(await shell.run('kill', 'db')).toMatchObject({
    exitCode: 0,
    stderr: 'sent SIGKILL to db\n',
  })
  const killed = await shell.run('status')
  expect(killed.stdout).toMatch(/^db .*; vitest-cluster kill --signal SIGKILL sent the signal /m)
  expect(killed.stdout).toMatch(/^web +script +active /m)
  const again = await shell.run('kill', 'db', '--signal', 'SIGHUP')
  expect(again.exitCode).toBe(1)
  expect(again.stderr).toContain(
    'vitest-cluster kill --signal SIGHUP found no process: it is down: ',
  )
  expect(await shell.run('start', 'db')).toMatchObject({ stderr: 'db is ready\n' })
  expect((await shell.run('kill', 'db', '--signal', 'TERM')).stderr).toContain('[INVALID_INPUT]')
  expect(await shell.run('status')).toMatchObject({ exitCode: 0 })
  await shell.run('down')
})
