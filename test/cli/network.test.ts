// @module-tag user
// @module-tag systemd
/** `vitest-cluster network`: a command, and the sessions that it opens, in a network of their own. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../packages/vitest-cluster/test/helpers/free-port.ts'
import { hasNetAdmin } from '../../packages/vitest-cluster/test/helpers/net-admin.ts'
import { areSysctlsClosed, skipWhen } from '../../packages/vitest-cluster/test/helpers/situation.ts'
import { PROGRAM, Shell } from '../support/cli.ts'
import { INSTALLED, ONE_CACHE, project, spec } from '../support/project.ts'

const config = (options: string) => `
  import { defineConfig } from 'vitest/config'
  import vitestCluster from 'vitest-cluster/plugin'

  export default defineConfig({ plugins: [vitestCluster(${options})] })
`
// In its own user namespace an ordinary user may
const missing =
  process.getuid?.() === 0 && !hasNetAdmin()
    ? 'root has no CAP_NET_ADMIN in this container'
    : undefined

const run = (port: number) => [
  ...['network', '--', process.execPath, PROGRAM, 'run', '--port', `cache=${port}`, '--'],
]

describe.skipIf(missing)(missing ? `network (cannot: ${missing})` : 'network', () => {
  test('runs at once can have the same port, and nobody outside can reach it', async () => {
    const shell = await Shell.open(project({ 'cluster.config.ts': ONE_CACHE }))
    const port = await freePort()
    const script = 'echo "port $CACHE_PORT"; read -r _'
    const runs = [1, 2].map(() => shell.start([...run(port), 'sh', '-c', script], { open: true }))
    await Promise.all(runs.map((each) => each.says(`port ${port}\n`)))
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed')
    for (const { child, ended } of runs) {
      child.stdin.end('\n')
      expect(await ended).toMatchObject({ exitCode: 0 })
    }
  })

  test("Vitest's workers and the services stand in it, with ports below 1024", async ({ skip }) => {
    skipWhen(skip, await areSysctlsClosed(), 'sysctls are read-only in this container')
    const own = project({
      'cluster.config.ts': ONE_CACHE,
      'vitest.config.ts': config('{ ports: { cache: 79 } }'),
      'answers.spec.ts': spec(`
      test('the cache answers at its port', async ({ cache }) => {
        expect(cache.port).toBe(79)
        expect(await cache.ask('version')).toContain('VERSION')
      })
    `),
    })
    const shell = await Shell.open(own)
    const vitest = join(INSTALLED, 'node_modules/vitest/vitest.mjs')
    const ended = await shell.run('network', '--', process.execPath, vitest, 'run')
    expect(ended.stdout).toMatch(/Tests .*1 passed/)
    expect(ended.exitCode).toBe(0)
  })

  test('the exit code is that of the command, and a signal reaches it', async () => {
    const shell = await Shell.open(project({ 'cluster.config.ts': ONE_CACHE }))
    expect(await shell.run('network', '--', 'sh', '-c', 'exit 5')).toMatchObject({ exitCode: 5 })
    const script = 'trap "echo got it; exit 6" TERM; echo begun; read -r _'
    const asked = shell.start(['network', '--', 'sh', '-c', script], { open: true })
    await asked.says('begun')
    asked.child.kill('SIGTERM')
    expect(await asked.ended).toMatchObject({ exitCode: 6, stdout: 'begun\ngot it\n' })
    const unknown = await shell.run('network', '--', 'no-such-program')
    expect(unknown.stderr).toMatch(
      /^cannot run no-such-program: there is no such program \[USAGE\]/,
    )
  })
})
