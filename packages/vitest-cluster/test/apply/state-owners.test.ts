// @module-tag user
import { expect, test, vi } from 'vitest'
import { reason } from '../../../../test/support/isolations.ts'
import {
  defineCluster,
  type IsolationName,
  isClusterError,
  openSession,
  type ServiceInput,
} from '../../src/index.ts'
import { script } from '../helpers/services.ts'
import { skipWhen } from '../helpers/situation.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const SHELL = ['/bin/sh', '-c']

/** A service whose state is made by a shell script. */
function stateful(make: string, options: Partial<ServiceInput> = {}) {
  return script('exec sleep infinity', {
    state: {
      inputs: () => make,
      make: async ({ exec }) => void (await exec([...SHELL, make])),
    },
    ...options,
  })
}

async function opened(
  isolation: IsolationName,
  services: Readonly<Record<string, ReturnType<typeof stateful>>>,
) {
  return openSession(defineCluster({ isolation, services }))
}

/** The error of opening a session with such a state. */
async function refused(isolation: IsolationName, make: string, options?: Partial<ServiceInput>) {
  const error = await opened(isolation, { one: stateful(make, options) }).then(
    (session) => session.close(),
    (thrown: unknown) => thrown,
  )
  if (!isClusterError(error)) throw error ?? new Error(`${make}: it was taken`)
  return `${error.code} ${error.message}`
}

test('modes, links, FIFOs, times and holes of a state are kept for the next session', async () => {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  const make = `mkdir shared; chmod 2775 shared; echo a >shared/a; chmod 640 shared/a; ln shared/a b; mkfifo f
    chmod 1777 f; ln -s /nowhere l; touch -d 2001-01-01 'caf\\'; : >-n; dd if=/dev/zero of=s bs=1 seek=9M count=0 2>&1`
  const looks =
    'stat -c "%n %F %a %h %Y" shared shared/a b f l caf* ./-n s | sed "/^caf/!s/ [0-9]*$//"'
  const lists: string[] = []
  for (let round = 0; round < 2; round++) {
    await using session = await opened('chroot', { one: stateful(make) })
    const { exec } = await session.handle('one')
    lists.push((await exec([...SHELL, looks])).stdout)
  }
  expect(lists[0]).toBe(
    [
      'shared directory 2775 2',
      'shared/a regular file 640 2',
      'b regular file 640 2',
      'f fifo 1777 1',
      'l symbolic link 777 1',
      'caf\\ regular empty file 644 1 978307200',
      './-n regular empty file 644 1',
      's regular file 644 1',
      '',
    ].join('\n'),
  )
  expect(lists[1]).toBe(lists[0])
  vi.unstubAllEnvs()
})

test('a state with set-uid programs or sockets, which a copy would lose, is an error', async () => {
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  const cases: readonly (readonly [string, string])[] = [
    [
      'cp /bin/true t; chmod u+s t',
      '"t" with mode 4755: a state cannot contain set-user-ID programs',
    ],
    [
      'mkdir -p a/b; echo >a/b/c; chmod 2711 a/b/c',
      '"a/b/c" with mode 2711: a state cannot contain set-group-ID',
    ],
    [
      "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => q(x.sock), Listen => 1) or die'",
      'a socket at "x.sock", which cannot be kept for other sessions',
    ],
    ['chown 12345 .', 'ended with 1'],
  ]
  for (const [make, says] of cases) expect(await refused('chroot', make)).toContain(says)
  vi.unstubAllEnvs()
})

const range = await reason('range')

test("a state with files of another owner than its service's account is refused", async ({
  skip,
}) => {
  skipWhen(skip, range !== undefined, range ?? '')
  vi.stubEnv('XDG_CACHE_HOME', await temporaryDirectory())
  const accounts = [{ name: 'pg', groups: ['ssl'] }, { name: 'other' }]
  const says = (make: string, options = {}) => refused('range', make, { accounts, ...options })
  expect(await says('mkdir -m 700 data; echo >data/x; chown pg data/x')).toMatch(
    /^INVALID_DEFINITION one: state.make left "data\/x" with the owner pg:root \(1000:0\), but every file of a state belongs to session/,
  )
  expect(await says('chown pg:ssl .', { user: 'pg' })).toContain(
    'left its directory with the owner pg:ssl',
  )

  // The owners that the session sets anyway, and a file that only its account may read
  let made = 0
  const fine = script('exec sleep infinity', {
    ...{ accounts, user: 'pg', group: 'ssl' },
    state: {
      inputs: () => 1,
      make: async ({ exec }) => {
        made++
        await exec([...SHELL, 'mkdir -m 2700 data && chown pg:ssl data'])
        await exec([...SHELL, 'umask 077; echo secret >data/x'], { user: 'pg' })
      },
    },
  })
  for (let round = 0; round < 2; round++) {
    await using session = await opened('range', { one: fine })
    const { exec } = await session.handle('one')
    const { stdout } = await exec([...SHELL, 'cat data/x; stat -c "%U %G %a" . data data/x'])
    expect(stdout).toBe('secret\npg ssl 755\npg ssl 2700\npg ssl 600\n')
  }
  expect(made).toBe(1)
  vi.unstubAllEnvs()
})
