// @module-tag systemd
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { Shell } from '../support/cli.ts'
import { ACCEPTED, directory, EXAMPLES, planned, unitsIn, verified } from '../support/plan.ts'
import { INSTALLED, project, spec } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'

test.for([
  ['quickstart', ['hgweb', 'ldap', 'ssh']],
  ['unix-groups', ['_ownership', 'hgweb', 'ssh']],
] as const)('systemd accepts the planned units of %s', async ([example, services]) => {
  const plan = await planned(join(EXAMPLES, example, 'cluster.config.ts'))
  const units = await unitsIn(plan)
  expect(Object.keys(units).sort()).toEqual(
    services.map((service) => `vitest-cluster-00000000-${service}.service`),
  )
  expect(await verified(plan, '/')).toEqual(ACCEPTED)
})

/** What a plan needs of a tree: programs, accounts, and a systemd for many uids. */
async function treeLike(programs: readonly string[]): Promise<string> {
  const tree = await directory()
  await chmod(tree, 0o755)
  const manager = [
    'lib/systemd/systemd',
    'bin/systemd-stdio-bridge',
    'bin/dbus-daemon',
    'bin/setpriv',
  ]
  const readiness = ['awk', 'find', 'grep', 'id', 'sleep', 'tail', 'mkfifo', 'rm', 'stat'].map(
    (name) => `bin/${name}`,
  )
  const paths = ['bin/sh', ...[...manager, ...readiness, 'bin/env'].map((path) => `usr/${path}`)]
  for (const path of [...paths, ...programs]) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), '', { mode: 0o755 })
  }
  await mkdir(join(tree, 'etc'))
  await writeFile(
    join(tree, 'etc/passwd'),
    'root:x:0:0::/root:/bin/sh\nopenldap:x:101:101::/:/bin/sh\n',
  )
  await writeFile(join(tree, 'etc/group'), 'root:x:0:\nopenldap:x:101:\n')
  return tree
}

test('systemd accepts the planned units of the Ansible example, on a tree that has its programs', async () => {
  const tree = await treeLike(['usr/sbin/slapd', 'usr/sbin/sshd', 'usr/bin/ssh'])
  const own = project({
    'cluster.config.ts': `
      import { defineCluster } from 'vitest-cluster'
import { directoryTree } from 'vitest-cluster/tree'
      import { ldap, ssh } from ${JSON.stringify(join(EXAMPLES, 'ansible/services.ts'))}

      export default defineCluster({
        tree: directoryTree(${JSON.stringify(tree)}),
        services: { ldap, ssh },
      })
    `,
  })
  const plan = await planned(own.path('cluster.config.ts'), { XDG_CACHE_HOME: await directory() })
  const units = await unitsIn(plan)
  expect(Object.keys(units)).toHaveLength(3)
  expect(await verified(plan, tree)).toEqual(ACCEPTED)
})

test('the check of planned units finds a unit that systemd does not accept', async () => {
  const plan = await planned(join(EXAMPLES, 'quickstart/cluster.config.ts'))
  const units = await unitsIn(plan)
  const changed = (from: RegExp, to: string) =>
    verified(
      plan,
      '/',
      mapValues(units, (text) => text.replace(from, to)),
    )
  expect(await changed(/^UMask=0022$/m, 'UMask=0088')).toMatchObject({
    all: expect.stringMatching(/[.]service:\d+: Failed to parse .*0088/),
  })
  expect(await changed(/^ExecStart=\S+/m, 'ExecStart=/usr/sbin/no-such-program')).toMatchObject({
    exitCode: 1,
    all: expect.stringContaining('Command /usr/sbin/no-such-program is not executable'),
  })
  const [ldap = ''] = Object.keys(units).filter((name) => name.endsWith('-ldap.service'))
  const { [ldap]: _, ...others } = units
  expect(await verified(plan, '/', others)).toMatchObject({
    exitCode: 1,
    all: expect.stringContaining(`Unit ${ldap} not found`),
  })
})

function mapValues(units: Readonly<Record<string, string>>, change: (text: string) => string) {
  return Object.fromEntries(Object.entries(units).map(([name, text]) => [name, change(text)]))
}

test('plan --output writes what plan prints, with the files of services, readable only for the user', async () => {
  const config = join(EXAMPLES, 'quickstart/cluster.config.ts')
  const plan = await planned(config)
  const shell = await Shell.open(project(plugin))
  const { stdout } = await shell.run('plan', '--config', config, 'ssh')
  const printed = await readFile(join(plan, 'vitest-cluster-00000000-ssh.service'), 'utf8')
  const [title, ...lines] = stdout.trimEnd().split('\n')
  expect(title).toBe('# vitest-cluster-00000000-ssh.service')
  // Directories and ports differ each time
  const settled = (text: string) => text.replaceAll(/\/\S*\/vc-[^/]+/g, 'TMP')
  const text = lines.filter((line) => !line.startsWith('#')).join('\n')
  expect(settled(`${text}\n`)).toBe(settled(printed))
  expect(printed).toMatch(/^\[Unit\]\nDescription=ssh .*\n\n\[Service\]\nType=notify\n/s)
  expect(printed).toMatch(/^UMask=0022$/m)
  expect(printed).toMatch(/^TimeoutStartSec=30s$/m)
  const modes = async (path: string) => ((await stat(join(plan, path))).mode & 0o777).toString(8)
  const start = 'files/srv/ssh/start'
  expect(await Promise.all(['', 'files/srv/ssh', start].map(modes))).toEqual(['700', '700', '700'])
  const secret = ['vitest-cluster-00000000-ldap.service', 'files/srv/ldap/slapd.conf']
  expect(await Promise.all(secret.map(modes))).toEqual(['600', '600'])
  expect(await readFile(join(plan, start), 'utf8')).toMatch(/^#!\/bin\/sh\n/)
})

test('plan --output writes only into a new or an empty directory', async () => {
  const shell = await Shell.open(project(plugin))
  const into = (path: string) => shell.run('plan', '--output', path)
  const parent = await directory()
  await writeFile(join(parent, 'mine'), 'mine')
  const fix = 'Name a directory that does not exist yet, or an empty one.'
  expect(await into(parent)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(`--output: ${parent} is not empty: it contains mine [USAGE]`),
  })
  for (const path of [join(parent, 'mine'), join(parent, 'mine/plan')]) {
    const { exitCode, stderr } = await into(path)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${path} is not a directory`)])
    expect(stderr).toContain(fix)
  }
  expect(await readdir(parent)).toEqual(['mine'])
  const empty = await directory()
  expect(await into(empty)).toMatchObject({ exitCode: 0, stderr: '' })
  expect(await readdir(empty)).toEqual(['vitest-cluster-00000000-cache.service'])
})

test('plan does not build trees: a tree that is not in the cache is an error', async () => {
  const own = project({
    'cluster.config.ts': `
      import { defineCluster, defineService } from 'vitest-cluster'
import { debianTree } from 'vitest-cluster/tree'

      const idle = defineService({ kind: 'idle', command: () => ['sleep', '9'], ready: 'started' })
      export default defineCluster({ tree: debianTree({ suite: 'trixie' }), services: { idle } })
    `,
  })
  const shell = await Shell.open(own)
  const cache = await directory()
  const { ended } = shell.start(['plan'], { env: { XDG_CACHE_HOME: cache } })
  expect(await ended).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringMatching(/the tree \(.*trixie.*\) is not in the cache \[TREE_NOT_BUILT\]/),
  })
})

test("the printed plan is the plan in workers and in the session's record", async () => {
  const compared = {
    'cluster.config.ts': plugin['cluster.config.ts'],
    'compared.spec.ts': spec(`
      import { readFileSync, writeFileSync } from 'node:fs'
      import { inject } from 'vitest'

      test('a worker and the record have the same plan', ({ cache }) => {
        const { plan } = inject('vitest-cluster:session')
        const record = readFileSync(plan.paths.directory + '/record.json', 'utf8')
        expect(JSON.parse(JSON.stringify(plan))).toEqual(JSON.parse(record).plan)
        expect(cache.unit).toBe(plan.services.cache.unit.name)
        writeFileSync('plan.json', JSON.stringify(plan))
      })
    `),
  }
  const own = project(compared)
  const shell = await Shell.open(own)
  const vitest = [process.execPath, join(INSTALLED, 'node_modules/vitest/vitest.mjs')]
  const { exitCode, stdout } = await shell.start(['run'], { program: vitest }).ended
  expect(exitCode, stdout).toBe(0)
  const neutral = (json: string) => {
    const [{ unit, ports }] = JSON.parse(json)
    const [, id = ''] = /^vitest-cluster-(\w{8})-/.exec(unit.name) ?? []
    const port = new RegExp(`\\b${Object.values(ports)[0]}\\b`, 'g')
    return JSON.parse(json.replaceAll(id, 'ID').replaceAll(port, '1'))
  }
  const { services } = JSON.parse(await readFile(own.path('plan.json'), 'utf8'))
  const printed = await shell.run('plan', '--json')
  expect(neutral(printed.stdout)).toEqual(neutral(JSON.stringify(Object.values(services))))
  expect(await shell.sessions()).toEqual([])
})
