// @module-tag user
// @module-tag systemd
/** `exec` on the command line: the program's streams, its end, and the options. */
import { expect, test } from 'vitest'
import { PROGRAM, Shell } from '../support/cli.ts'
import { project } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'

const COMMAND = [process.execPath, PROGRAM]

async function up(): Promise<Shell> {
  const shell = await Shell.open(project(plugin))
  expect(await shell.run('up', '--detach')).toMatchObject({ exitCode: 0 })
  return shell
}

/** Runs shell code in which "$@" is `vitest-cluster`. */
const inShell = (shell: Shell, code: string) =>
  shell.start([code, 'sh', ...COMMAND], { program: ['sh', '-c'] }).ended

test('bytes pass unchanged and in order, as they come', { timeout: 60_000 }, async () => {
  const shell = await up()
  // One pipe for both outputs, in the order of writing; two pipes are separate
  const turns = `'for i in 1 2 3 4 5 6 7 8 9; do echo $i; echo -$i >&2; done'`
  const order = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `${i}\n-${i}\n`).join('')
  const together = await inShell(shell, `"$@" exec cache -- sh -c ${turns} 2>&1`)
  expect(together).toEqual({ exitCode: 0, stdout: order, stderr: '' })
  const apart = await shell.run('exec', 'cache', '--', 'sh', '-c', 'echo 1; printf 2 >&2; exit 7')
  expect(apart).toEqual({ exitCode: 7, stdout: '1\n', stderr: '2' })
  // 100 MB, in both directions
  const bulk = `head -c 100000000 /dev/urandom | tee /dev/fd/3 | "$@" exec -i cache -- cat`
  const sums = await inShell(shell, `{ ${bulk} | cksum >&4; } 3>&1 4>&2 | cksum`)
  expect(sums.exitCode).toBe(0)
  expect(sums.stdout).toBe(sums.stderr)
  // A line arrives while the input is open
  const cat = shell.start(['exec', '-i', 'cache', '--', 'cat'], { open: true })
  cat.child.stdin.write('a line')
  await cat.says('a line')
  cat.child.stdin.end('\0')
  expect(await cat.ended).toMatchObject({ exitCode: 0, stdout: 'a line\0' })
  // The program ends, the input does not
  const head = shell.start(['exec', '-i', 'cache', '--', 'head', '-n', '1'], { open: true })
  head.child.stdin.write('1\n2\n')
  expect(await head.ended).toMatchObject({ exitCode: 0, stdout: '1\n' })
  expect(await shell.run('down')).toMatchObject({ exitCode: 0 })
})

test('a signal ends the program', { timeout: 60_000 }, async () => {
  const shell = await up()
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const run = shell.start(['exec', 'cache', '--', 'sh', '-c', 'echo $$; exec sleep 1000'])
    await run.says('\n')
    run.child.kill(signal)
    expect(await run.ended).toMatchObject({ exitCode: code, stderr: '' })
    const pid = run.output.stdout.trim()
    expect(await shell.run('exec', 'cache', '--', 'kill', '-0', pid)).toMatchObject({ exitCode: 1 })
  }
  const deaf = `trap '' TERM; echo deaf; while :; do sleep 0.1; done`
  const run = shell.start(['exec', 'cache', '--', 'sh', '-c', deaf])
  await run.says('deaf')
  run.child.kill('SIGTERM')
  expect(await run.ended).toMatchObject({ exitCode: 137, stderr: '' })
  expect(await shell.run('down')).toMatchObject({ exitCode: 0 })
})

test('the options of a program, and a program that runs on', { timeout: 60_000 }, async () => {
  const shell = await up()
  const exec = (...argv: string[]) => shell.run('exec', ...argv)
  const script = 'pwd; echo "$A,$B"'
  const given = ['--cwd', '/usr/lib', '-e', 'A=1=2', '--env', 'B= ']
  expect(await exec(...given, 'cache', '--', 'sh', '-c', script)).toMatchObject({
    stdout: '/usr/lib\n1=2, \n',
  })
  expect((await exec('--cwd', '/none', 'cache', '--', 'pwd')).stderr).toContain(
    'its working directory /none cannot be entered',
  )
  const asRoot = await exec('--user', 'root', 'cache', '--', 'sh', '-c', 'id -un; echo $HOME')
  const isShared = asRoot.stderr.includes("cannot run as 'root', because all accounts share one")
  if (!isShared) {
    expect(asRoot).toMatchObject({ stdout: 'root\n/root\n', exitCode: 0 })
    const group = await exec('-u', 'root:nogroup', 'cache', '--', 'id', '-gn')
    expect(group).toMatchObject({ stdout: 'nogroup\n' })
    expect((await exec('-u', 'none', 'cache', '--', 'id')).stderr).toMatch(
      /the tree has no account 'none' \[EXEC_FAILED\]\n.*Its accounts: root, session/,
    )
    expect((await exec('-u', 'root:none', 'cache', '--', 'id')).stderr).toMatch(
      /the tree has no group 'none' \[EXEC_FAILED\]\n.*Its groups: root, session/,
    )
  }
  expect(await exec('--timeout', '1s', 'cache', '--', 'sleep', '1000')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/did not end within 1000 ms(.|\n)*exec --timeout 10m/),
  })

  const words = ['sh', '-c', 'echo "from $A"; exec sleep 1000']
  const detached = await exec('--detach', '--env', 'A=afar', 'cache', '--', ...words)
  expect(detached).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\n$/) })
  const logs = shell.start(['logs', 'cache', '--follow'])
  await logs.says('from afar')
  logs.child.kill()
  await logs.ended
  const pid = detached.stdout.trim()
  expect(await exec('cache', '--', 'kill', pid)).toMatchObject({ exitCode: 0 })
  expect(await exec('-d', 'cache', '--', '/none')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('/none cannot be executed: there is no /none in its tree'),
  })
  // Ends with the session
  expect(await exec('-d', 'cache', '--', 'sleep', '1000')).toMatchObject({ exitCode: 0 })
  expect(await shell.run('down')).toMatchObject({ exitCode: 0 })
})

test('exec --tty runs a program on the terminal', { timeout: 60_000 }, async () => {
  const shell = await up()
  const onTerminal = (...argv: string[]) => {
    const quoted = [...COMMAND, 'exec', '--tty', ...argv].map((word) => `'${word}'`).join(' ')
    const onTerminal = ['-qec', `stty rows 33 cols 99; ${quoted}`, '/dev/null']
    return shell.start(onTerminal, { program: ['script'], open: true })
  }
  const code = 'test -t 0 && test -t 1 && stty size </dev/tty; pwd; echo $A; exit 9'
  const run = onTerminal('--cwd', '/usr/lib', '--env', 'A=b', 'cache', '--', 'sh', '-c', code)
  expect(await run.ended).toMatchObject({ exitCode: 9, stdout: '33 99\r\n/usr/lib\r\nb\r\n' })
  const wrong = await onTerminal('--cwd', '/none', 'cache', '--', 'pwd').ended
  expect(wrong.stdout).toContain('the working directory /none cannot be entered')
  const ends = onTerminal('cache', '--', 'sh', '-c', 'echo ready; exec sleep 1000')
  await ends.says('ready')
  ends.child.stdin.write('\u0003')
  expect((await ends.ended).exitCode).toBe(130)
  expect(await shell.run('down')).toMatchObject({ exitCode: 0 })
})
