import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { slapdConf } from '../packages/fixtures/src/ldap/config.ts'
import { skeleton, toLdif } from '../packages/fixtures/src/ldap/ldif.ts'
import { arrange } from '../packages/fixtures/src/ldap/schema.ts'

/** The three services' own programs, started as plain child processes: no session can be faster. */
export interface Floor {
  /** Starts all three in parallel. */
  start(ports: FloorPorts): readonly ChildProcess[]
  remove(): Promise<void>
}

export interface FloorPorts {
  readonly ldap: number
  readonly ssh: number
  readonly http: number
}

const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`

/** Makes, once, what the services start from. */
export async function makeFloor(): Promise<Floor> {
  const directory = await mkdtemp(join(tmpdir(), 'vitest-cluster-floor-'))
  const at = (...parts: string[]) => join(directory, ...parts)
  const suffix = 'dc=example'
  await mkdir(at('db'))
  await writeFile(
    at('slapd.conf'),
    slapdConf({
      service: 'ldap',
      suffix,
      server: {},
      directory,
      schemas: arrange([], { path: '', content: '' }, { ppolicy: false, later: [] }),
      adminPassword: 'floor',
      certificate: false,
      has: existsSync,
    }),
  )
  await writeFile(at('base.ldif'), toLdif(skeleton(suffix)))
  const env = { PATH, HGRCPATH: '', HGDEMANDIMPORT: 'disable' }
  await execa('slapadd', ['-q', '-f', at('slapd.conf'), '-l', at('base.ldif')], { env })
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('host_key')])
  await execa('hg', ['init', at('repos', 'demo')], { env })
  await writeFile(at('hgweb.conf'), `[paths]\n/ = ${at('repos')}/**\n`)
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })

  const run = (program: string, argv: readonly string[]) =>
    spawn(program, argv, { env: { ...process.env, ...env }, stdio: 'ignore' })
  return {
    start: ({ ldap, ssh, http }) => [
      run('slapd', ['-d', '256', '-f', at('slapd.conf'), '-h', `ldap://127.0.0.1:${ldap}/`]),
      run('/usr/sbin/sshd', [
        ...['-D', '-e', '-f', '/dev/null', '-o', `ListenAddress=127.0.0.1:${ssh}`],
        ...['-o', `HostKey=${at('host_key')}`, '-o', 'PidFile=none', '-o', 'UsePAM=no'],
      ]),
      run('hg', [
        'serve',
        '--address',
        '127.0.0.1',
        '--port',
        `${http}`,
        '--web-conf',
        at('hgweb.conf'),
      ]),
    ],
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
