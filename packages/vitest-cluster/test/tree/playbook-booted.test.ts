import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { playbook } from '../../src/definition/tree-playbook.ts'
import { noIsolation } from '../../src/doctor/explain.ts'
import { messageOf } from '../../src/errors.ts'
import { groupSource } from '../../src/machine/group-source.ts'
import { processesIn } from '../../src/systemd/cgroup.ts'
import type { TreeStore } from '../../src/tree/cache/store.ts'
import type { Tree } from '../../src/tree/define.ts'
import { buildTree } from '../../src/tree/make/build.ts'
import { DEBIAN, type DebianCache, openDebianCache } from '../helpers/debian.ts'
import { type Project, project, tasks } from '../helpers/playbook.ts'
import { skipWhen } from '../helpers/situation.ts'

const source = await groupSource(process.env, process.getuid?.() ?? 0)
const missing = (await noIsolation('boot'))?.found ?? (source ? undefined : 'no control group')
const BUILDER = fileURLToPath(new URL('../helpers/builds-tree.ts', import.meta.url))

/** A service that a role installs: it logs its starts, reloads and its end. */
const ROLE: Project = {
  'site.yml': '- hosts: all\n  roles: [clock]\n',
  'roles/clock/handlers/main.yml': `
- name: restart clock
  systemd: { name: clock, state: restarted, daemon_reload: true }
`,
  'roles/clock/templates/clock.service.j2': `
[Service]
Type=exec
ExecStart=/usr/local/bin/clock {{ word }}
[Install]
WantedBy=multi-user.target
`,
  'roles/clock/files/clock': `#!/usr/bin/python3
import signal, socket, sys
def say(what):
    open('/var/log/clock', 'a').write(f'{what} {sys.argv[1]}\\n')
def end(*_):
    say('stopped')
    sys.exit()
signal.signal(signal.SIGTERM, end)
listener = socket.create_server(('127.0.0.1', 8007))
say('started')
while True:
    listener.accept()
`,
  'roles/clock/tasks/main.yml': `
- copy: { src: clock, dest: /usr/local/bin/clock, mode: '0755' }
- template: { src: clock.service.j2, dest: /etc/systemd/system/clock.service }
  vars: { word: first }
- name: start clock
  service: { name: clock, state: started, enabled: true }
- wait_for: { port: 8007, sleep: 1 }
- template: { src: clock.service.j2, dest: /etc/systemd/system/clock.service }
  vars: { word: second }
  notify: restart clock
- meta: flush_handlers
- wait_for: { port: 8007, sleep: 1 }
- command: systemctl is-active clock
- assert: { that: ansible_service_mgr == 'systemd' }
`,
}

describe.skipIf(missing)(`a booted tree${missing ? ` (cannot: ${missing})` : ''}`, () => {
  let cache: DebianCache | undefined
  let store: TreeStore

  beforeAll(async () => {
    cache = await openDebianCache()
    if (cache) store = cache.store
    return cache?.close
  })

  beforeEach(({ skip }) => skipWhen(skip, !cache, "Debian's mirror cannot be reached"))

  async function apply(tree: Tree, baseDirectory?: string) {
    const said: string[] = []
    let used: Promise<string[]> | undefined
    const progress = ({ message }: { message: string }) => {
      said.push(message)
      if (message === 'booting the tree') used = groups()
    }
    try {
      const { path, steps, release } = await buildTree(tree, { store, baseDirectory, progress })
      await release()
      return { said, path, state: steps.at(-1)?.state }
    } finally {
      expect((await used)?.filter(existsSync) ?? []).toEqual([])
    }
  }

  /** The control groups of running builds in this cache; other tests may have more. */
  async function groups(): Promise<string[]> {
    if (source?.from !== 'caller') return []
    const all = (await readdir(source.directory)).map((name) => join(source.directory, name))
    const builds = all.filter((path) => path.includes('/vitest-cluster-build-'))
    const found = builds.map(async (path) => {
      const pids = await processesIn(path)
      const commands = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))
      return (await Promise.all(commands)).join().includes(store.directory) ? [path] : []
    })
    return (await Promise.all(found)).flat()
  }

  async function failure(files: Project, base = DEBIAN): Promise<string> {
    const tree = base.with(playbook('site.yml', { booted: true }))
    return apply(tree, await project(files)).then(() => 'it did not fail', messageOf)
  }

  test('a booted playbook starts, restarts and uses services, and they stop before the layer is kept', async () => {
    const directory = await project(ROLE)
    const tree = DEBIAN.with(playbook('site.yml', { booted: true }))
    const { said, path } = await apply(tree, directory)
    expect(said).toContain('booting the tree')
    expect(await readFile(join(path, 'var/log/clock'), 'utf8')).toBe(
      'started first\nstopped first\nstarted second\nstopped second\n',
    )
    expect(said.join('\n')).not.toContain('services are not run')
    // Files of this layer only; others are shared with the tree below. Closed files of other accounts are Debian's
    const { stdout } = await execa(
      'find',
      [...[path, '!', '-type', 'd', '-links', '1', '-printf', '%P %l\n']],
      { reject: false },
    )
    const boot = ['etc/.pwd.lock ', 'var/lib/dbus/machine-id /etc/machine-id']
    const apt = 'var/cache/apt/archives/lock '
    expect(
      stdout
        .split('\n')
        .filter((line) => ![...boot, apt].includes(line))
        .sort(),
    ).toEqual([
      'etc/systemd/system/clock.service ',
      'etc/systemd/system/multi-user.target.wants/clock.service /etc/systemd/system/clock.service',
      'usr/local/bin/clock ',
      'var/log/clock ',
    ])
    expect(await apply(tree, directory)).toMatchObject({ state: 'cached', path })

    // Its service starts with the tree, as on a machine
    const above = tree.with(playbook('above.yml', { booted: true }))
    const active = tasks(' [{ command: systemctl is-active clock }]')
    const second = await apply(above, await project({ ...ROLE, 'above.yml': active['site.yml'] }))
    expect(await readFile(join(second.path, 'var/log/clock'), 'utf8')).toMatch(
      /started second\nstopped second\n$/,
    )
  }, 120_000)

  test("a task that starts a failing service fails with the service's journal", async () => {
    const said = await failure(
      tasks(`
  - copy:
      dest: /etc/systemd/system/bad.service
      content: "[Service]\\nType=oneshot\\nExecStart=/bin/sh -c 'echo no such thing; exit 3'\\n"
  - name: start it
    service: { name: bad, state: started }
`),
    )
    expect(said).toMatch(/the task 'start it' failed \(site.yml:7\) \[TREE_FAILED\]/)
    const lines = said.split('\n').map((line) => line.trim())
    const journal = lines.slice(lines.indexOf('bad.service:') + 1)
    expect(journal[0]).toBe('Starting bad.service...')
    // The service's output and systemd's message about its end reach the journal by two sockets: either may be first
    expect(journal.slice(1, 3)).toContain('no such thing')
    expect(journal).toContain("bad.service: Failed with result 'exit-code'.")
  })

  test.each([
    ' [{ name: last, command: systemctl poweroff --no-block }, { name: last, command: sleep 60 }]',
    ' [{ name: last, reboot: { reboot_command: systemctl reboot } }]',
  ])('a task that powers off or reboots the tree fails: %s', async (text) => {
    expect(await failure(tasks(text))).toBe(
      `playbook site.yml: a task has powered off or rebooted the tree [TREE_FAILED]
  last log lines:
    last
  fix: Skip that task while a tree is built: when: ansible_connection != 'vitest_cluster'.`,
    )
  })

  test('a booted playbook on a tree without systemd is an error', async () => {
    const base = DEBIAN.with(playbook('bare.yml'))
    const bare = tasks(' [{ command: rm /usr/lib/systemd/systemd }]')['site.yml']
    const said = await failure({ ...tasks(' []'), 'bare.yml': bare }, base)
    expect(said).toBe(
      `playbook site.yml: the tree has no systemd to boot it (booted: true) [MISSING_PROGRAM]
  fix: Add packages(['systemd', 'dbus']) below this layer.`,
    )
  })

  test('kill -9 of the build leaves no process and no control group', async () => {
    const cwd = await project(
      tasks(' [{ name: now, command: sh -c "exec -a vct-booted sleep 300" }]'),
    )
    const tree = DEBIAN.with(playbook('site.yml', { booted: true }))
    const child = spawn(process.execPath, [BUILDER, store.directory, JSON.stringify(tree)], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    for await (const line of createInterface({ input: child.stdout }))
      if (JSON.parse(line).message === 'now') break
    const used = await groups()
    expect(used).toHaveLength(source?.from === 'caller' ? 1 : 0)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await vi.waitFor(async () => {
      expect(used.filter(existsSync)).toEqual([])
      const { stdout } = await execa('ps', ['-eo', 'args'])
      expect(stdout).not.toContain(store.directory)
      expect(stdout).not.toContain('vct-booted')
    })
  })
})

test('a booted playbook on a machine without a delegated control group is an error', async () => {
  const boot = new URL('../../src/tree/layer/playbook-make.ts', import.meta.url)
  const { stdout } = await execa('unshare', [
    ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
    ...['--mount', '--propagation', 'private', 'sh', '-ec'],
    'findmnt -t cgroup2 -no TARGET | xargs -n 1 mount -o remount,bind,ro; exec "$@"',
    ...['sh', process.execPath, '--input-type=module', '--eval'],
    `const { groupToBoot } = await import('${boot}')
     console.log(await groupToBoot({ uids: 'many' }).then(() => 'it can', ({ message }) => message))`,
  ])
  expect(stdout).toMatch(
    /^booted: true needs a machine that can boot a tree, and this one cannot: cgroup-delegation: .* \[ISOLATION_UNAVAILABLE\]\n {2}fix: /,
  )
})
