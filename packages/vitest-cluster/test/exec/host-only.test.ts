// @module-tag user
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { defineService, type ServiceDefinition } from '../../src/index.ts'
import { failureOf } from '../helpers/failure.ts'
import { NEVER, script } from '../helpers/services.ts'
import { up } from '../helpers/session.ts'

/** A file of the host that the tree lacks is named in the error, with the hostPaths that show it. */

const temporary = await mkdtemp(join(tmpdir(), 'vct-'))
afterAll(async () => {
  await chmod(join(temporary, 'closed'), 0o700)
  await rm(temporary, { recursive: true })
})
await chmod(temporary, 0o755)
const file = join(temporary, 'server.conf')
const secret = join(temporary, 'secret.key')
const application = join(temporary, 'app')
await writeFile(file, 'port 1\n', { mode: 0o644 })
await writeFile(secret, 'x\n', { mode: process.getuid?.() === 0 ? 0o600 : 0o000 })
const closed = join(temporary, 'closed/file')
await Promise.all([mkdir(application), mkdir(join(temporary, 'closed'))])
await writeFile(closed, 'x\n', { mode: 0o644 })
await chmod(join(temporary, 'closed'), process.getuid?.() === 0 ? 0o700 : 0o000)
await writeFile(join(application, 'run'), '#!/bin/sh\nsleep 1000\n', { mode: 0o755 })

const shows = (path: string) =>
  `This machine has ${path}, which its tree lacks: hostPaths: ['${path}'] in its definition shows it, read-only.`
const reads = (path: string) =>
  script(`read line < ${path} || exit 1; echo "$line"; exec sleep 1000`, {
    ready: { logLine: '.' },
  })
const program = (path: string) =>
  defineService({ kind: 'app', command: () => [path], ready: 'started' })

test.for<[string, ServiceDefinition, string]>([
  ['its log names a file of a directory of /etc', reads('/etc/pam.d/other'), '/etc/pam.d'],
  [
    'one of its files names a file',
    script('exit 1', { ...NEVER, files: () => ({ 'a.conf': `include "${file}"\n` }) }),
    file,
  ],
  [
    'it is not ready in time',
    script(`cat ${file}; exec sleep 1000`, { ...NEVER, readyTimeout: 1_000 }),
    file,
  ],
  ['its program is there', program(join(application, 'run')), join(application, 'run')],
])('a service that does not start since the tree lacks a path: %s', async ([, service, path]) => {
  const { details } = await failureOf({ web: service })
  expect(details.fix).toContain(shows(path))
  expect(details.fix?.split('hostPaths: [')).toHaveLength(2)
})

test('a program of exec that ends with an error: its output, else its arguments', async () => {
  await using session = await up({ web: script('exec sleep 1000') })
  const web = await session.handle('web')
  const fixOf = (...argv: string[]) => web.exec(argv).catch(({ details }) => details.fix)
  expect(await fixOf('cat', file)).toBe(shows(file))
  expect(await fixOf('cat', '/etc/login.defs')).toBe(shows('/etc/login.defs'))
  expect(await fixOf('sh', '-c', 'cat /etc/pam.d/other')).toBe(shows('/etc/pam.d'))
  expect(await fixOf('false', `--config=${file}`)).toBe(shows(file))
  // Closed to others, missing on the host too, or the session's own
  for (const path of [
    ...[secret, closed, `${temporary}/none`, '/etc/none/x', '/var/log/dpkg.log', '/etc/shadow'],
    ...['/etc/passwd', '/proc/1/environ', `${session.plan.paths.directory}/session.json`],
  ])
    expect(await fixOf('sh', '-c', `cat ${path}; exit 1`)).not.toContain('hostPaths')
})

test('what the fix says shows the paths; data of libraries and interpreters are shown without it', async () => {
  const hostPaths = [file, '/etc/pam.d', application]
  await using session = await up({
    web: { ...reads(file), hostPaths },
    app: { ...program(join(application, 'run')), hostPaths },
  })
  const web = await session.handle('web')
  expect((await web.exec(['cat', file, '/etc/pam.d/other'])).stdout).toMatch(/^port 1\n./)
  const names = ['perl', 'fonts', 'ldap/schema', 'java-17-openjdk/security', 'xml', 'ssl/certs']
  const there = names.map((name) => `/etc/${name}`).filter((path) => existsSync(path))
  expect(there).toContain('/etc/perl')
  expect((await web.exec(['ls', '-d', ...there])).stdout.trim().split('\n')).toEqual(
    there.toSorted(),
  )
})
