// @module-tag user
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { selectManager } from '../../src/open/select-manager.ts'
import { started } from '../helpers/child.ts'
import { failureOf, SCREEN } from '../helpers/failure.ts'
import { script } from '../helpers/services.ts'
import { skipWhen } from '../helpers/situation.ts'

test('a disk that is full for the run is reported as DISK_FULL', async () => {
  // full(4): each write is a real ENOSPC
  const files = async () => {
    await writeFile('/dev/full', 'something')
    return {}
  }
  const error = await failureOf({ one: script('true', { files }) })
  expect(error.code).toBe('DISK_FULL')
  expect(error.message).toContain('df -h')
})

test('a disk that is full for a service is reported with the service and its log', async () => {
  const one = script('echo before; seq 9 >/dev/full || exit 1', { ready: { logLine: 'never' } })
  const error = await failureOf({ one })
  expect(error).toMatchObject({ code: 'DISK_FULL', details: { service: 'one' } })
  expect(error.details.log).toEqual(expect.arrayContaining(['before']))
})

/** Opens a session in a small file system that only its process can see. */
async function openedIn(option: string) {
  const uid = process.getuid?.() ?? 0
  const module = fileURLToPath(new URL('../helpers/opens-as.ts', import.meta.url))
  // An ordinary user mounts as root of a user namespace, and gets their own uid back in a second one
  const [namespaces, back] = uid
    ? [
        ['--map-root-user', '--mount'],
        `unshare --map-user=${uid} --map-group=${process.getgid?.()}`,
      ]
    : [['--mount'], '']
  const mount = `mount -t tmpfs -o mode=1777,${option} tmpfs /mnt && TMPDIR=/mnt exec ${back} "$@"`
  const argv = [...namespaces, 'sh', '-c', mount, 'sh', process.execPath, module]
  const { said, ended } = await started('unshare', ...argv)
  await ended
  return JSON.parse(said) as { code?: string; message: string; left: string[] }
}

test('a disk that fills up at any step is reported, and nothing is left on it', async ({
  skip,
}) => {
  const { kind } = await selectManager()
  // For that manager the test with /dev/full above has to do
  skipWhen(skip, kind === 'user', "the user's own manager does not see what is mounted here")
  const sizes = ['4k', '48k', '128k', '192k'].map((size) => `size=${size}`)
  // The directory, the keeper's files, the tree, the manager's scripts, its bus, the services' logs All numbers:
  // shortage/opening.long.test.ts
  const inodes = [2, 3, 12, 40, 80].map((most) => `nr_inodes=${most}`)
  const codes = new Set<string | undefined>()
  for (const option of [...sizes, ...inodes]) {
    const begun = performance.now()
    const { code, message, left } = await openedIn(option)
    expect({ option, left }).toEqual({ option, left: [] })
    // The session does not wait for a bus that cannot start without space
    expect(performance.now() - begun, option).toBeLessThan(15_000)
    expect(message.split('\n').length).toBeLessThanOrEqual(SCREEN)
    const right = option.startsWith('size') ? 'DISK_FULL' : 'NO_INODES'
    if (code !== undefined && code !== right) expect.fail(`${option}: ${message}`)
    codes.add(code)
  }
  expect([...codes]).toEqual(expect.arrayContaining(['DISK_FULL', 'NO_INODES']))
})
