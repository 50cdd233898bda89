// @module-tag user
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { Shell } from '../support/cli.ts'
import { project } from '../support/project.ts'
import { logs } from '../support/projects/logs.ts'
import { plugin } from '../support/projects/plugin.ts'
import { passed, runVitest } from '../support/vitest.ts'

test('a session of up --detach can be used from the shell beside the session of a test run', async () => {
  const own = project(logs)
  const shell = await Shell.open(own)
  const up = await shell.run('up', '--detach')
  expect(up).toMatchObject({ exitCode: 0 })
  expect(up.stderr).toMatch(/✓ polly is ready after \d\.\d\d s/)
  expect(up.stdout).toMatch(/^export POLLY_LOG='.*polly\.log'$/m)
  const [id = ''] = await shell.sessions()

  const follower = shell.start(['logs', '--follow', 'polly', 'jack'])
  await follower.says('polly | ready')
  const run = runVitest(own, { env: { TMPDIR: shell.directory } })
  const said = await shell.run('exec', 'polly', '--', 'sh', '-c', 'echo from the shell >in; exit 7')
  expect(said.exitCode).toBe(7)
  await follower.says('polly | from the shell')
  expect((await run).output).toContain('1 failed')
  // The tests wrote to the services of their own session
  expect(follower.output.stdout).not.toContain('said by a test')
  expect(await shell.sessions()).toContain(id)

  const down = await shell.run('down')
  expect(down).toMatchObject({
    exitCode: 0,
    stderr: `session ${id} has ended; its files are removed\n`,
  })
  expect((await follower.ended).exitCode).toBe(0)
  await shell.nothingLeft()
})

test('a session of up ends by Ctrl-C, and by down', { tags: ['systemd'] }, async () => {
  const shell = await Shell.open(project(plugin))
  for (const end of ['SIGINT', 'SIGTERM', 'down'] as const) {
    const up = shell.start(['up'])
    await up.says('press Ctrl-C to end it')
    if (end === 'down') expect(await shell.run('down')).toMatchObject({ exitCode: 0 })
    else up.child.kill(end)
    expect(await up.ended).toMatchObject({ exitCode: 0 })
    await shell.nothingLeft()
  }
})

test('up reports a service that dies, and status shows that it is down', async () => {
  const shell = await Shell.open(project(plugin))
  const up = shell.start(['up'])
  await up.says('press Ctrl-C to end it')
  const { services } = JSON.parse((await shell.run('status', '--json')).stdout)
  process.kill(services[0].pid, 'SIGKILL')
  await up.says('cache: is down: ')
  const status = await shell.run('status')
  expect(status.exitCode).toBe(3)
  expect(status.stdout).toMatch(/^cache +cache +(failed|inactive) /m)
  expect(await shell.run('restart', 'cache')).toMatchObject({ exitCode: 0 })
  expect(await shell.run('status')).toMatchObject({ exitCode: 0 })
  expect(await shell.run('stop', 'cache')).toMatchObject({ exitCode: 0 })
  expect(await shell.run('status')).toMatchObject({ exitCode: 3 })
  up.child.kill('SIGINT')
  await up.ended
})

test("stop and restart include a service's dependents, from any process", async () => {
  const config = `
    import { defineCluster, defineService } from 'vitest-cluster'

    const service = (text, more) =>
      defineService({ kind: 'script', ready: 'started', command: () => ['sh', '-c', text], ...more })

    export default defineCluster({
      services: {
        web: service('exec sleep 100', { dependsOn: ['api'] }),
        api: service('exec sleep 100', { dependsOn: ['deaf'] }),
        deaf: service('trap "" TERM; : >ready; while :; do sleep 1; done', {
          stopSignal: 'SIGTERM',
          stopTimeout: 200,
          ready: { exec: ['test', '-e', 'ready'] },
        }),
      },
    })
  `
  const shell = await Shell.open(project({ 'cluster.config.ts': config }))
  await shell.run('up', '--detach')
  expect(await shell.run('stop', 'api')).toMatchObject({
    stderr: 'web is stopped\napi is stopped\n',
  })
  const killed = await shell.run('stop', 'deaf')
  expect(killed.stderr).toContain('deaf: did not end within 0.2 s of SIGTERM and was killed')
  expect(await shell.run('stop', 'deaf')).toMatchObject({ exitCode: 0, stderr: '' })
  expect(await shell.run('restart', 'api')).toMatchObject({
    stderr: 'deaf is ready again\napi is ready again\nweb is ready again\n',
  })
  expect(await shell.run('status')).toMatchObject({ exitCode: 0 })
})

test('a session of up --detach is removed when its time is over, or when its holder is killed', async () => {
  const shell = await Shell.open(project(plugin))
  await shell.run('up', '--detach', '--for', '1s')
  await expect.poll(() => shell.sessions(), { timeout: 10_000 }).toEqual([])
  await shell.nothingLeft()

  const { stdout } = await shell.run('up', '--detach', '--json')
  const { session } = JSON.parse(stdout)
  const { owner } = JSON.parse((await shell.run('status', '--json')).stdout)
  expect(await shell.sessions()).toEqual([session])
  process.kill(owner, 'SIGKILL')
  await expect.poll(() => shell.sessions(), { timeout: 10_000 }).toEqual([])
  await shell.nothingLeft()
})

test('the ports of a session of up --detach are not given to another session', async () => {
  // A module of a definition may print anything: it must not appear on stdout
  const config = `${plugin['cluster.config.ts']}\nconsole.log('a banner')\n`
  const shell = await Shell.open(project({ ...plugin, 'cluster.config.ts': config }))
  const { stdout, stderr } = await shell.run('up', '--detach', '--json')
  expect(stderr).toContain('a banner')
  const { services } = JSON.parse(stdout)
  const locks = await readFile('/proc/net/unix', 'utf8')
  expect(locks).toContain(`@vitest-cluster/port/${services.cache.port}\n`)
  await shell.run('down')
  expect(await readFile('/proc/net/unix', 'utf8')).not.toContain(
    `@vitest-cluster/port/${services.cache.port}\n`,
  )
})

test('the shell and the tests find the same definition', async () => {
  const own = project(plugin)
  const { output } = await runVitest(own)
  expect(output).toMatch(passed(3))
  const shell = await Shell.open(own)
  await shell.run('up', '--detach')
  const env = await shell.run('env')
  const port = /^export CACHE_PORT='(\d+)'$/m.exec(env.stdout)?.[1]
  const variables = JSON.parse((await shell.run('env', '--json')).stdout)
  expect(variables.CACHE_PORT).toBe(port)
  await shell.run('down')
})
