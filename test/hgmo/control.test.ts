/** The programs of examples/hgmo that the tests of version-control-tools call, on a small cluster of hosts. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { defineCluster, defineService, openSession, type Session } from 'vitest-cluster'
import { clusterOf } from '../../examples/hgmo/client/cluster.ts'
import { type Control, serveControl } from '../../examples/hgmo/client/control.ts'
import { outerCluster } from '../../examples/hgmo/client/outer-session.ts'
import { temporaryDirectory } from '../../packages/vitest-cluster/test/helpers/temporary.ts'
import { reason } from '../support/isolations.ts'

const CLIENT = new URL('../../examples/hgmo/tree/client/', import.meta.url).pathname
const idle = (dependsOn: string[] = []) =>
  defineService({
    kind: 'idle',
    dependsOn,
    ready: 'started',
    command: () => ['/bin/sleep', '1000000'],
  })

const cluster = defineCluster({
  isolation: 'range',
  services: {},
  hosts: {
    hgssh: { services: { kafka: idle(), pulsenotifier: idle(['kafka']) } },
    hgweb0: { services: { 'vcsreplicator-0': idle(), 'vcsreplicator-1': idle() } },
  },
})

const missing = await reason('range')

describe.skipIf(missing)(missing ? `range (cannot: ${missing})` : 'range', () => {
  let session: Session
  let control: Control
  beforeAll(async () => {
    session = await openSession(cluster)
    control = await serveControl(clusterOf((name) => session.host(name)))
  })
  afterAll(async () => {
    await control[Symbol.asyncDispose]()
    await session.close()
  })
  const hgmo = (...argv: string[]) =>
    execa(join(CLIENT, 'hgmo'), argv, { env: control.env, reject: false, all: true })

  test('exec passes on bytes, their order, and the exit code', async () => {
    const script = 'id -u; pwd; echo $HOME; echo out; echo err >&2; echo out; exit 7'
    const apart = await hgmo('exec', 'hgweb0', 'sh', '-c', script)
    expect(apart).toMatchObject({
      stdout: '0\n/\n/root\nout\nout',
      stderr: 'err',
      exitCode: 7,
    })
    const program = [join(CLIENT, 'hgmo'), 'exec', 'hgssh', 'sh', '-c', script]
    const merged = await execa('sh', ['-c', '"$@" 2>&1', 'sh', ...program], {
      env: control.env,
      reject: false,
    })
    expect(merged.stdout).toMatch(/\nout\nerr\nout$/)
    const bytes = await execa(
      join(CLIENT, 'hgmo'),
      ['exec', 'hgssh', 'head', '-c', '3000000', '/dev/urandom'],
      {
        env: control.env,
        encoding: 'buffer',
      },
    )
    expect(bytes.stdout.length).toBe(3_000_000)
    expect((await hgmo('exec', 'hgssh', 'no-such-program')).exitCode).not.toBe(0)
    expect((await hgmo('exec', 'other', 'true')).stderr).toMatch(/no host 'other'/)
  })

  test('supervisorctl stops one program and not those that use it', async () => {
    const supervisorctl = async (host: string, ...argv: string[]) => {
      const { all, exitCode } = await hgmo('exec', host, '/usr/bin/supervisorctl', ...argv)
      return [all, exitCode]
    }
    expect(await supervisorctl('hgssh', 'stop', 'kafka')).toEqual(['kafka: stopped', 0])
    expect(await supervisorctl('hgssh', 'stop', 'kafka')).toEqual(['kafka: ERROR (not running)', 1])
    expect((await supervisorctl('hgssh', 'status'))[0]).toMatch(
      /^kafka +STOPPED\npulsenotifier +RUNNING$/m,
    )
    expect(await supervisorctl('hgssh', 'start', 'kafka')).toEqual(['kafka: started', 0])
    expect(await supervisorctl('hgweb0', 'restart', 'vcsreplicator:1')).toEqual([
      ...['vcsreplicator:1: stopped\nvcsreplicator:1: started', 0],
    ])
    const [all] = await supervisorctl('hgweb0', 'stop', 'vcsreplicator:*')
    expect(`${all}`.split('\n').toSorted()).toEqual([
      ...['vcsreplicator:0: stopped', 'vcsreplicator:1: stopped'],
    ])
    expect(await supervisorctl('hgweb0', 'start', 'kafka')).toEqual([
      ...['kafka: ERROR (no such process)', 1],
    ])
  })

  test('docker cp copies a file to a host and back', async () => {
    const directory = await temporaryDirectory()
    const [there, back] = [join(directory, 'there'), join(directory, 'back')]
    await writeFile(there, Buffer.from([0, 255, 10, 128]), { mode: 0o640 })
    const docker = (...argv: string[]) =>
      execa(join(CLIENT, 'bin/docker'), argv, { env: control.env, reject: false })
    expect(await docker('cp', there, 'hgssh:/tmp/file')).toMatchObject({ exitCode: 0 })
    expect((await hgmo('exec', 'hgssh', 'stat', '-c', '%a %U', '/tmp/file')).stdout).toBe(
      '640 root',
    )
    expect(await docker('cp', 'hgssh:/tmp/file', back)).toMatchObject({ exitCode: 0 })
    expect(await readFile(back)).toEqual(await readFile(there))
    expect((await docker('ps')).stderr).toMatch(/there is no Docker here/)
  })

  test('the same by the session in VITEST_CLUSTER_SESSION', async () => {
    vi.stubEnv('VITEST_CLUSTER_SESSION', session.id)
    await using outer = await serveControl(outerCluster())
    const ask = async (...argv: string[]) => {
      const program = [join(CLIENT, 'hgmo'), 'exec', ...argv]
      const asked = await execa('sh', ['-c', '"$@" 2>&1', 'sh', ...program], {
        env: outer.env,
        reject: false,
      })
      return [asked.stdout, asked.exitCode]
    }
    const script = 'id -u; pwd; echo $HOME; echo err >&2; echo out; exit 7'
    expect(await ask('hgssh', 'sh', '-c', script)).toEqual(['0\n/\n/root\nerr\nout', 7])
    expect(await ask('hgssh', 'supervisorctl', 'stop', 'kafka')).toEqual(['kafka: stopped', 0])
    expect((await ask('hgssh', 'supervisorctl', 'status'))[0]).toMatch(/pulsenotifier +RUNNING/)
    expect(await ask('hgssh', 'supervisorctl', 'start', 'kafka')).toEqual(['kafka: started', 0])
  })

  test('refuses whoever does not know the token', async () => {
    const env = { ...control.env, HGMO_TOKEN: 'guess' }
    const { stderr, exitCode } = await execa(join(CLIENT, 'hgmo'), ['exec', 'hgssh', 'id'], {
      env,
      reject: false,
    })
    expect([stderr, exitCode]).toEqual(['hgmo: wrong HGMO_TOKEN', 1])
  })
})
