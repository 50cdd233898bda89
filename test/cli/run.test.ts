// @module-tag user
// @module-tag private
// @module-tag vitest
import { expect, test } from 'vitest'
import { PROGRAM, Shell } from '../support/cli.ts'
import { project } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'

test("run -- COMMAND sets the handles' variables, and exits with the command's exit code", async () => {
  const shell = await Shell.open(project(plugin))
  // bash itself connects
  const bash = 'echo >"/dev/tcp/127.0.0.1/$CACHE_PORT" && echo "$CACHE_PORT"; exit 7'
  const result = await shell.run('run', '--', 'bash', '-c', bash)
  expect(result.exitCode).toBe(7)
  expect(result.stdout).toMatch(/^\d+\n$/)
  await shell.nothingLeft()
})

test("run -- COMMAND exits with 128 + the signal's number, and reports a missing command", async () => {
  const shell = await Shell.open(project(plugin))
  expect(await shell.run('run', '--', 'sh', '-c', 'kill -9 $$')).toMatchObject({ exitCode: 137 })
  const missing = await shell.run('run', '--', 'no-such-program')
  expect(missing.stderr).toContain('cannot run no-such-program: there is no such program [USAGE]')
  expect(missing.exitCode).toBe(2)
  await shell.nothingLeft()
})

test.for(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)(
  'run -- COMMAND leaves nothing after %s',
  async (signal) => {
    const shell = await Shell.open(project(plugin))
    const run = shell.start([
      'run',
      '--',
      'sh',
      '-c',
      'echo begun; exec tail -s 0.1 --pid=$PPID -f /dev/null',
    ])
    await run.says('begun')
    run.child.kill(signal)
    const code = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129, SIGKILL: 'SIGKILL' }[signal]
    if (signal !== 'SIGKILL') expect((await run.ended).exitCode).toBe(code)
    await expect.poll(() => shell.sessions(), { timeout: 10_000 }).toEqual([])
  },
)

test('run --keep-on-failure keeps the session for --keep-for after a failure', async () => {
  const shell = await Shell.open(project(plugin))
  const run = await shell.run('run', '--keep-on-failure', '--keep-for', '10m', '--', 'false')
  expect(run.exitCode).toBe(1)
  const [id = ''] = await shell.sessions()
  expect(run.stderr).toContain(`session ${id} stays up for 10 min, then it is removed`)
  const inside = await shell.run('exec', 'cache', '--', 'pwd')
  expect(inside).toMatchObject({ exitCode: 0, stdout: '/srv/cache\n' })
  // Bytes are passed unchanged; a reader that stops early ends the program
  const text = `printf '\\377\\0' | "$@" -- cat | od -An -tx1; "$@" -- yes | head -n 1`
  const words = [process.execPath, PROGRAM, 'exec', '--stdin', 'cache']
  const piped = shell.start([text, 'sh', ...words], { program: ['sh', '-c'] })
  expect(await piped.ended).toEqual({ exitCode: 0, stdout: ' ff 00\ny\n', stderr: '' })
  expect(await shell.run('down')).toMatchObject({ exitCode: 0 })

  await shell.run('run', '--keep-on-failure', '--keep-for', '1s', '--', 'false')
  await expect.poll(() => shell.sessions(), { timeout: 10_000 }).toEqual([])
  await shell.nothingLeft()
})

test('run --keep-on-failure removes the session after a success', async () => {
  const shell = await Shell.open(project(plugin))
  const run = await shell.run('run', '--keep-on-failure', '--', 'true')
  expect(run).toMatchObject({ exitCode: 0, stdout: '' })
  expect(run.stderr).not.toContain('stays up')
  expect(await shell.sessions()).toEqual([])
})

test('run reports a lack of descriptors without a stack', async () => {
  const shell = await Shell.open(project(plugin))
  const few = { program: ['prlimit', '--nofile=28', process.execPath, PROGRAM] }
  const { exitCode, stderr } = await shell.start(['run', '--', 'true'], few).ended
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(
    /^there are no file descriptors left: the limit is 28 .*\[NO_DESCRIPTORS\]/,
  )
  expect(stderr).toContain('fix: ulimit -n')
  expect(stderr).not.toContain('    at ')
  await shell.nothingLeft()
})
