// @module-tag user
import { expect, test } from 'vitest'
import { freePort } from '../../packages/vitest-cluster/test/helpers/free-port.ts'
import { Shell } from '../support/cli.ts'
import { ONE_CACHE, project } from '../support/project.ts'

/** A cluster of two caches. */
const two = {
  'cluster.config.ts': ONE_CACHE.replace('cache: cache()', 'cache: cache(), other: cache()'),
}

test('up --port: the next session that wants the port is told how to end this one', async () => {
  const shell = await Shell.open(project(two))
  const port = await freePort()
  const other = await freePort()
  const named = ['--port', `cache=${port}`]
  const up = await shell.run('up', '--detach', ...named, '--port', `other.cache=${other}`)
  expect(up).toMatchObject({ exitCode: 0 })
  const [id = ''] = await shell.sessions()
  const env = JSON.parse((await shell.run('env', '--json')).stdout)
  expect(env).toMatchObject({ CACHE_PORT: `${port}`, OTHER_PORT: `${other}` })
  expect((await shell.run('status')).stdout).toContain(` cache=${port} `)

  const second = await shell.run('up', ...named)
  expect(second.exitCode).toBe(1)
  expect(second.stderr).toContain(
    `cache: its port cache = ${port} is in use: session ${id} has it for its service cache (opened by vitest-cluster up `,
  )
  const command = `npx vitest-cluster down --session ${id}`
  expect(second.stderr).toContain(`fix: End that session: ${command}\n`)
  const plan = await shell.run('plan', 'cache', ...named)
  expect(plan.stdout).toMatch(new RegExp(`^# +port +cache = ${port}$`, 'm'))

  expect(await shell.run(...command.split(' ').slice(2))).toMatchObject({ exitCode: 0 })
  const run = await shell.run('run', ...named, '--', 'sh', '-c', 'echo "port $CACHE_PORT"')
  expect(run).toMatchObject({ exitCode: 0, stdout: `port ${port}\n` })
})

test('a port can be named again when a killed session is removed', async () => {
  const shell = await Shell.open(project(two))
  const port = await freePort()
  const named = ['--port', `cache=${port}`]
  const first = shell.start(['up', ...named])
  await first.says('press Ctrl-C to end it')
  first.child.kill('SIGKILL')
  await first.ended
  await shell.nothingLeft()
  expect(await shell.run('run', ...named, '--', 'true')).toMatchObject({ exitCode: 0 })
})

test('an unknown service in --port is wrong usage, and names the service that was meant', async () => {
  const shell = await Shell.open(project(two))
  const { stderr, exitCode } = await shell.run('up', '--port', 'cahce=8080')
  expect(stderr).toBe(
    "--port: the cluster has no service 'cahce' [USAGE]\n  fix: Did you mean cache? Services of this cluster: cache, other.\n",
  )
  expect(exitCode).toBe(2)
})
