import { expect, test } from 'vitest'
import { limitedGroup, NO_GROUP } from '../helpers/limited-group.ts'
import { shortOf, smallDisk } from '../helpers/short-of.ts'
import { ONLY_ROOT, ROOT, skipWhen } from '../helpers/situation.ts'

type Use = 'exec' | 'restart' | 'log' | 'handle' | 'close'
type Uses = Record<Use, { readonly code: string; readonly message: string }>

/** Uses a session after a shell has taken a resource away. */
async function usesAfter(take: string, through: readonly string[] = []) {
  const uses = await shortOf<Uses>(through, './uses-session.ts', take)
  const codes = Object.entries(uses ?? {}).map(([use, { code }]) => [use, code])
  return { uses, codes: Object.fromEntries(codes) as Record<Use, string> }
}

test('calls fail with DISK_FULL after the disk has filled up, and close() succeeds', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const fill = 'head -c 100M /dev/zero >/mnt/much 2>/dev/null; :'
  const { codes, uses } = await usesAfter(fill, smallDisk('size=4m'))
  expect(codes).toMatchObject({ exec: 'DISK_FULL', close: 'none' })
  expect(uses?.exec.message).toMatch(/the disk of \/mnt\/.* is full.*df -h/s)
})

test('calls fail with NO_INODES after the inodes are used up, and close() succeeds', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const fill = 'cd /mnt; i=0; while (: >many$i) 2>/dev/null; do i=$((i + 1)); done; :'
  const { codes, uses } = await usesAfter(fill, smallDisk('nr_inodes=150'))
  expect(codes).toMatchObject({ exec: 'NO_INODES', close: 'none' })
  expect(uses?.exec.message).toMatch(/no inodes left .*150 of 150 are used.*df -i/s)
})

test('calls fail with NO_DESCRIPTORS after the descriptors are used up, and close() succeeds', async () => {
  const { codes } = await usesAfter('prlimit --pid "$1" --nofile=64:')
  const short = 'NO_DESCRIPTORS'
  expect(codes).toMatchObject({ exec: short, restart: short, log: short, close: 'none' })
})

test('calls fail with NO_PROCESSES after the processes are used up, and close() succeeds', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('pids')
  skipWhen(skip, group === undefined, NO_GROUP)
  // The shell is one of the processes, and has ended by then
  const take = `read -r n <${group?.directory}/pids.current; echo $((n - 1)) >${group?.directory}/pids.max`
  const { codes, uses } = await usesAfter(take, group?.enter)
  // A restart first stops the service, which frees its processes
  expect(codes).toMatchObject({ exec: 'NO_PROCESSES', restart: 'none', close: 'none' })
  expect(uses?.exec.message).toContain('(pids.max)')
})

test('a running service that the kernel kills for its memory is reported as NO_MEMORY', async ({
  skip,
}) => {
  skipWhen(skip, !ROOT, ONLY_ROOT)
  const group = limitedGroup('memory')
  skipWhen(skip, group === undefined, NO_GROUP)
  group?.limit(200 * 2 ** 20)
  const died = await shortOf(group?.enter ?? [], './uses-session.ts', 'eats later')
  expect(died).toMatchObject({ code: 'NO_MEMORY', left: [] })
  expect(died?.message).toMatch(/^hungry: there is no memory left: .*is down: .*killed by signal 9/)
})
