// @module-tag vitest
import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { PROGRAM, Shell } from '../support/cli.ts'
import { ONE_CACHE, project } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'

const CLI = `"${process.execPath}" "${PROGRAM}"`

test('env prints any value quoted for a shell, and with --json the same as a flat object', async () => {
  const odd = `it's "quoted" $HOME \`id\` \\ \n\n two  spaces `
  const own = project({
    'cluster.config.ts': ONE_CACHE.replace(
      'cache()',
      `cache({ variables: ({ port }) => ({ MEMCACHED_PORT: port, ODD: ${JSON.stringify(odd)} }) }),
       other: cache()`,
    ),
  })
  const shell = await Shell.open(own)
  await shell.run('up', '--detach')
  const all = JSON.parse((await shell.run('env', '--json')).stdout)
  expect(all).toEqual({
    MEMCACHED_PORT: expect.stringMatching(/^\d+$/),
    ODD: odd,
    OTHER_PORT: expect.stringMatching(/^\d+$/),
    OTHER_LOG: expect.stringMatching(/other\.log$/),
    OTHER_UNIT: expect.stringMatching(/-other\.service$/),
  })
  const evaluated = shell.start([`eval "$(${CLI} env)"; printf %s "$ODD$MEMCACHED_PORT"`], {
    program: ['sh', '-c'],
  })
  expect((await evaluated.ended).stdout).toBe(`${odd}${all.MEMCACHED_PORT}`)
  await shell.run('down')
})

test('inside run -- COMMAND the command line uses the session of that run', async () => {
  const own = project(plugin)
  const shell = await Shell.open(own)
  await shell.run('up', '--detach')
  const [up = ''] = await shell.sessions()
  const lines = [
    'echo "id $VITEST_CLUSTER_SESSION"',
    `${CLI} status | head -n 1`,
    `${CLI} exec cache -- sh -c 'echo exec'`,
    `${CLI} down; echo "down $?"`,
    // --session overrides the variable
    `${CLI} status --session ${up} | head -n 1`,
    `${CLI} status --config cluster.config.ts | head -n 1`,
  ]
  const run = await shell.run('run', '--', 'sh', '-c', lines.join('\n'))
  const id = /^id ([0-9a-f]{8})$/m.exec(run.stdout)?.[1] ?? ''
  expect(id).not.toBe(up)
  expect(run.stdout.replaceAll(/process \d+|of \/.*$/gm, '')).toBe(
    `id ${id}\nsession ${id} (run, ) \nexec\ndown 1\nsession ${up} (up, ) \nsession ${up} (up, ) \n`,
  )
  expect(run.stderr).toMatch(
    /\[SESSION_BUSY\]\n +fix: The session ends with the command of vitest-cluster run\./,
  )

  // After its end no other session is used in its place
  const later = await shell.start(['status'], { env: { VITEST_CLUSTER_SESSION: id } }).ended
  expect(later).toMatchObject({ exitCode: 1, stdout: '' })
  expect(later.stderr).toContain(
    `session ${id} of the environment variable VITEST_CLUSTER_SESSION is not up [NO_SUCH_SESSION]`,
  )
  const named = ['status', '--session', up.slice(0, 6)]
  const found = await shell.start(named, { env: { VITEST_CLUSTER_SESSION: id } }).ended
  expect(found).toMatchObject({ exitCode: 0 })
  await shell.run('down')
})

test('an error of the function variables, or an invalid result, is reported with its service', async () => {
  const own = project(plugin)
  const shell = await Shell.open(own)
  await shell.run('up', '--detach')
  const config = own.path('cluster.config.ts')
  const original = await readFile(config, 'utf8')
  const env = async (cache: string) => {
    await writeFile(config, original.replace('cache()', cache))
    const { exitCode, stdout, stderr } = await shell.run('env')
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    return stderr
  }
  expect(await env('cache({ variables: () => { throw new TypeError("no names") } })')).toMatch(
    /^cache: its function variables threw TypeError: no names \[FUNCTION_FAILED\]\n {2}at: .*cluster\.config\.ts:4:\d+/,
  )
  expect(await env('cache({ variables: () => ({ PATH: "/opt" }) })')).toMatch(
    /^cache: it sets the variable PATH, .* \[INVALID_DEFINITION\]\n +fix: /,
  )
  expect(await env('cache({ variables: { PGHOST: "x" } })')).toContain('which is not a function')
  await writeFile(config, original)
  await shell.run('down')
})

test('the shipped services have default variables, which the option variables replaces', async () => {
  const own = project({
    'cluster.config.ts': `
      import { hgweb, ldap, ssh } from '@vitest-cluster/fixtures'
      import { defineCluster } from 'vitest-cluster'

      export default defineCluster({
        services: {
          ldap: ldap({ suffix: 'dc=example', tls: true }),
          ssh: ssh(),
          hgweb: hgweb(),
          web: hgweb({ variables: ({ url, name }) => ({ HG_ROOT: url, HG_SERVICE: name }) }),
          other: { ...ldap({ suffix: 'dc=other' }), variables: ({ url }) => ({ LDAP_URI: url }) },
          git: ssh({ variables: ({ command }) => ({ GIT_SSH_COMMAND: command }) }),
          people: ldap({ suffix: 'dc=people', variables: ({ baseDn }) => ({ BASE: baseDn }) }),
        },
      })
    `,
  })
  const shell = await Shell.open(own)
  await shell.run('up', '--detach')
  const all = JSON.parse((await shell.run('env', '--json')).stdout)
  const ofLdap = 'ADMIN_DN ADMIN_PASSWORD BASE_DN CA CA_FILE HOST LDAPS_URL LOG PORT UNIT URL'
  const ofSsh =
    'COMMAND CONFIG_FILE HOST IDENTITY_FILE KNOWN_HOSTS_FILE LOG PORT PUBLIC_KEY UNIT URL USER'
  const named = (prefix: string, words: string) =>
    words.split(' ').map((word) => `${prefix}_${word}`)
  expect(Object.keys(all).sort()).toEqual(
    [
      ...named('LDAP', ofLdap),
      ...named('SSH', ofSsh),
      ...named('HGWEB', 'HOST LOG PORT UNIT URL'),
      ...['HG_ROOT', 'HG_SERVICE', 'LDAP_URI', 'GIT_SSH_COMMAND', 'BASE'],
    ].sort(),
  )
  expect(all).toMatchObject({
    LDAP_URL: expect.stringMatching(/^ldap:\/\/127\.0\.0\.1:\d+$/),
    LDAP_CA: expect.stringContaining('\n'),
    HG_SERVICE: 'web',
    LDAP_URI: expect.stringMatching(/^ldap:/),
    BASE: 'dc=people',
  })
  await shell.run('down')
})
