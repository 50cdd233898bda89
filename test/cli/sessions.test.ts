import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PROGRAM, Shell } from '../support/cli.ts'
import { sessionsBelow } from '../support/leftovers.ts'
import { project } from '../support/project.ts'
import { logs } from '../support/projects/logs.ts'
import { plugin } from '../support/projects/plugin.ts'
import { signals } from '../support/projects/signals.ts'

test('list shows which sessions are dead, and clean removes these', async () => {
  const own = project(plugin)
  const shell = await Shell.open(own)
  const dead = join(sessionsBelow(shell.directory), '0123abcd')
  const marker =
    'vitest-cluster session 1\nid=0123abcd\nmanager=private\ncgroup=/nowhere/vitest-cluster-0123abcd\n'
  await shell.run('up', '--detach')
  // Other tests also run `clean`, which removes every dead session of the user
  const withDead = async (...argv: string[]) => {
    await mkdir(dead, { mode: 0o700, recursive: true })
    await writeFile(join(dead, 'session'), marker)
    return shell.run(...argv)
  }
  const ours = async () => {
    const json = JSON.parse((await shell.run('list', '--json')).stdout) as { directory: string }[]
    // Other tests of this user may have sessions
    return json.filter(({ directory }) => directory.startsWith(shell.directory))
  }
  await expect
    .poll(async () => (await withDead('list')).stdout, { timeout: 30_000 })
    .toMatch(/^0123abcd +dead /m)
  const list = await shell.run('list')
  const config = own.path('cluster.config.ts')
  expect(list.stdout).toMatch(new RegExp(`^[0-9a-f]{8} +up +up +1 .*${config}$`, 'm'))
  await expect
    .poll(async () => (await withDead('clean')).stderr, { timeout: 30_000 })
    .toBe('removed dead sessions: 0123abcd\n')
  expect(await shell.run('status')).toMatchObject({ exitCode: 0 })
  await shell.run('down')
  expect((await shell.run('list')).stdout).not.toContain(config)
  expect(await ours()).toEqual([])
})

test('without a session the error has the fix, with several it asks for --session', async () => {
  const shell = await Shell.open(project(plugin))
  const none = await shell.run('status')
  expect(none.exitCode).toBe(1)
  // Other tests open sessions at the same time
  expect(none.stderr).toMatch(
    /cluster\.config\.ts is up(, but a session is starting)? \[NO_SUCH_SESSION\]/,
  )
  await shell.run('up', '--detach')
  await shell.run('up', '--detach')
  const two = await shell.run('status')
  expect(two.stderr).toContain('2 sessions of ')
  const ids = await shell.sessions()
  expect(ids).toHaveLength(2)
  for (const id of ids) {
    expect(two.stderr).toContain(`--session ${id}`)
    expect(await shell.run('down', '--session', id)).toMatchObject({ exitCode: 0 })
  }
})

test('up --detach leaves a session that down ends, also if nobody reads its output', async () => {
  const shell = await Shell.open(project(plugin))
  // `true` ends at once and so closes the pipe
  const script = 'node "$0" up --detach | true; node "$0" up --detach >&- 2>&-'
  const both = shell.start([PROGRAM], { program: ['sh', '-c', script] })
  await both.ended
  const ids = await shell.sessions()
  expect(ids).toHaveLength(2)
  for (const id of ids) {
    expect(await shell.run('down', '--session', id)).toMatchObject({ exitCode: 0 })
  }
})

test('list shows the session of a test run, and down does not end it', async () => {
  const shell = await Shell.open(project(logs))
  const run = shell.start(['run', '--', 'sh', '-c', 'echo begun; read -r line; exit 0'], {
    input: '',
  })
  await run.ended
  const busy = shell.start(['run', '--', 'sh', '-c', 'echo begun; exec sleep 60'])
  await busy.says('begun')
  expect((await shell.run('list')).stdout).toMatch(/ up +run +3 /)
  const down = await shell.run('down')
  expect(down.stderr).toMatch(
    /belongs to a program \(process \d+\), and ends with it \[SESSION_BUSY\]/,
  )
  expect(down.exitCode).toBe(1)
  busy.child.kill('SIGTERM')
  await busy.ended
})

test('shell runs a shell in the tree, with a terminal', async () => {
  const shell = await Shell.open(project(plugin))
  await shell.run('up', '--detach')
  const piped = shell.start(['shell', 'cache', '--', '/bin/sh'], {
    input: 'pwd; ls /home; tty; exit 5\n',
  })
  expect(await piped.ended).toMatchObject({
    exitCode: 5,
    stdout: '/srv/cache\nsession\nnot a tty\n',
  })
  const terminal = shell.start(
    [
      '-qec',
      `${process.execPath} ${PROGRAM} shell cache -- /bin/sh -c 'test -t 0 && echo terminal; exit 6'`,
      '/dev/null',
    ],
    {
      program: ['script'],
    },
  )
  const ended = await terminal.ended
  expect(ended.stdout).toContain('terminal')
  expect(ended.exitCode).toBe(6)
  await shell.run('down')
})

test('shell ends when its session ends', async () => {
  const shell = await Shell.open(project(plugin))
  await shell.run('up', '--detach')
  const inside = shell.start(['shell', 'cache', '--', '/bin/sh', '-c', 'echo inside; sleep 60'])
  await inside.says('inside')
  await shell.run('down')
  expect((await inside.ended).exitCode).toBe(137)
})

test('report writes one file for a running session', async () => {
  const shell = await Shell.open(project(plugin))
  await shell.run('up', '--detach')
  const path = join(shell.directory, 'report.html')
  expect((await shell.run('report', '--output', path)).stdout).toBe(`${path}\n`)
  const page = await readFile(path, 'utf8')
  expect(page).toMatch(/<b>cache<\/b> <span class="state active">running<\/span>/)
  // Otherwise it would be a link to another file
  expect(page.replaceAll(/https?:\/\/[^"']*/g, '')).not.toMatch(/ (src|href)="(?!#)/)
  const { services } = JSON.parse((await shell.run('report', '--json')).stdout)
  expect(services).toMatchObject([{ name: 'cache', state: 'active' }])
  await shell.run('down')
})

test('plan starts no session and leaves nothing', async () => {
  const shell = await Shell.open(project(signals))
  const plan = await shell.run('plan')
  expect(plan.exitCode).toBe(0)
  expect(plan.stdout).toMatch(/^# directory \(ldap\) {2}cluster\.config\.ts:6:5$/m)
  expect(plan.stdout).toMatch(/^# {3}port {3}ldap = \d+ \(another number in each session\)$/m)
  expect(plan.stdout).toMatch(/^ExecStart=\S*unshare .*\/usr\/sbin\/sshd /m)
  const json = JSON.parse((await shell.run('plan', '--json', 'web')).stdout)
  expect(json).toMatchObject([{ name: 'web', kind: 'hgweb', dependsOn: [] }])
  expect((await readdir(shell.directory)).filter((name) => name.startsWith('vc-plan'))).toEqual([])
})
