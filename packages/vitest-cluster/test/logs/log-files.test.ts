// @module-tag systemd user
/** Log files that services write themselves (`logFiles`). */
import { expect, test } from 'vitest'
import type { ServiceInput } from '../../src/index.ts'
import { failureOf } from '../helpers/failure.ts'
import { script } from '../helpers/services.ts'
import { asRoot, up } from '../helpers/session.ts'

const FILE = '/var/log/an app/app.log'

/** A service that writes to its log file as it starts, and then each line of the FIFO `in`. */
const app = (options: Partial<ServiceInput> = {}) =>
  script(`rm -f in; mkfifo in; echo to stdout; echo ready >>"${FILE}"; exec cat <>in >>"${FILE}"`, {
    ready: { logLine: '^ready$' },
    logFiles: [FILE],
    ...options,
  })

const sorted = (text: string) => text.split('\n').slice(0, -1).sort()

test('the log has the lines of the file, and the file is in the tree', async () => {
  await using session = await up({ app: app() })
  const { exec, log } = await session.handle('app')
  const coming = log.waitFor(/^one$/)
  const since = await log.mark()
  await exec(['sh', '-c', 'cat >in'], { input: 'one\n' })
  expect(await coming).toBe('one')
  expect(await log.text({ since })).toBe('one\n')
  expect(sorted(await log.text())).toEqual(['one', 'ready', 'to stdout'])
  expect((await exec(['cat', FILE])).stdout).toBe('ready\none\n')
})

test('a file that is rotated, removed or emptied is followed, and lines stay whole', async () => {
  const files = ({ directory }: { readonly directory: string }) => [`${directory}/a.log`, FILE]
  await using session = await up({ app: app({ logFiles: files, ready: 'started' }) })
  const { exec, log } = await session.handle('app')
  const sh = (text: string) => exec(['sh', '-c', text])
  await log.waitFor('ready')
  const since = await log.mark()
  await sh(`printf 'one ' >>a.log; echo between >>"${FILE}"`)
  expect(await log.text({ since })).toBe('between\n')
  await sh('echo whole >>a.log; mv a.log a.log.1; echo rest >>a.log.1; echo new >>a.log')
  expect(await log.text({ since })).toBe('between\none whole\nrest\nnew\n')
  await sh('rm a.log; echo two >a.log')
  await log.waitFor('two')
  await sh('echo TWO >a.log')
  await log.waitFor('TWO')
  await sh('echo a longer line >a.log')
  expect(await log.text({ since })).toBe('between\none whole\nrest\nnew\ntwo\nTWO\na longer line\n')
})

test('the log continues after a restart, also if the service empties its file', async () => {
  const text = `echo ready >"${FILE}"; exec sleep infinity`
  const service = script(text, { ready: { logLine: '^ready$' }, logFiles: [FILE] })
  await using session = await up({ app: service })
  const handle = await session.handle('app')
  await handle.restart()
  await handle.stop()
  await handle.start()
  expect(await handle.log.text()).toBe('ready\nready\nready\n')
})

test('the error of a service that failed has the end of its file', async () => {
  const failed = script(`printf 'first\\nlast words' >>"${FILE}"; exit 3`, {
    ready: { logLine: 'never' },
    logFiles: [FILE],
  })
  const { code, details } = await failureOf({ app: failed })
  expect(code).toBe('SERVICE_FAILED')
  expect(details.log).toEqual(expect.arrayContaining(['first', 'last words']))
})

test('what a service puts in the place of its file is neither waited for nor copied twice', async () => {
  await using session = await up({ app: app() })
  const { exec, log } = await session.handle('app')
  const as = asRoot(session)
  const before = await log.text()
  await exec(['sh', '-c', `rm "$0"; ln -s /var/log/vitest-cluster/app.log "$0"`, FILE], as)
  expect(await log.text()).toBe(before)
  await exec(['sh', '-c', `rm "$0"; mkfifo "$0"`, FILE], as)
  expect(await log.text()).toBe(before)
  await exec(['sh', '-c', `rm "$0"; echo back >"$0"`, FILE], as)
  await log.waitFor('back')
})

test('services may have their files in the same directory', async () => {
  const names = ['a', 'b', 'c', 'd']
  const logs = (name: string) =>
    script('exec sleep infinity', { logFiles: [`/var/log/new/deep/${name}.log`] })
  await using session = await up(Object.fromEntries(names.map((name) => [name, logs(name)])))
  const { exec } = await session.handle('a')
  expect((await exec(['ls', '/var/log/new/deep'])).stdout).toBe('a.log\nb.log\nc.log\nd.log\n')
})

test('a file that cannot be created is an error that says why', async () => {
  const path = '/usr/share/app/app.log'
  const { message } = await failureOf({ app: script('exec sleep infinity', { logFiles: [path] }) })
  expect(message).toContain(
    `app: was not started: its log files cannot be created or read (${path}) [SERVICE_FAILED]`,
  )
  expect(message).toMatch(/mkdir: .*\/usr\/share\/app.*Read-only file system/)
})

test('with uids of their own the file belongs to the account of the service', async () => {
  const www = app({ accounts: [{ name: 'www' }], user: 'www', needs: ['uids'] })
  await using session = await up({ app: www })
  const { exec, log } = await session.handle('app')
  await log.waitFor('ready')
  const { stdout } = await exec(['stat', '-c', '%U %a %F', '/var/log/an app', FILE])
  expect(stdout).toBe('www 755 directory\nwww 644 regular file\n')
})
