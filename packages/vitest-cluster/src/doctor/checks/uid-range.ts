import { stat } from 'node:fs/promises'
import { findProgram } from '../../machine/programs.ts'
import {
  firstRange,
  freeStart,
  parseRanges,
  type Range,
  rangeText,
} from '../../machine/subordinate.ts'
import { text } from '../../machine/system.ts'
import { type Check, type Finding, missing, ok, unneeded } from '../check.ts'
import { type Fix, install, reinstall } from '../fix.ts'
import { statusField } from '../obstacle.ts'
import type { Need } from '../precondition.ts'
import type { Probe } from '../probe.ts'

/** How many uids a tree has (https://systemd.io/UIDS-GIDS). */
const NEEDED = 65_536
/** The last uid for containers in systemd's UIDS-GIDS: root allocates the uids of a session below it. */
const CONTAINER_END = 1_879_048_191

const NEEDS: readonly Need[] = ['isolation:range', 'isolation:boot', 'isolation:nspawn']
const PACKAGE = { debian: 'uidmap', fedora: 'shadow-utils', arch: 'shadow' }

const newuidmap: Check = {
  id: 'newuidmap',
  what: 'newuidmap(1) and newgidmap(1), which map your subordinate uids and gids into a tree',
  neededFor: NEEDS,
  async check(probe) {
    if (probe.uid === 0) return unneeded('root maps uids without newuidmap')
    const directories = (probe.env['PATH'] ?? '').split(':').filter(Boolean)
    for (const name of ['newuidmap', 'newgidmap']) {
      if (!(await findProgram(name, directories)))
        return missing(`no ${name} in PATH`, install([PACKAGE]))
    }
    const path = (await findProgram('newuidmap', directories)) ?? ''
    const [uids, gids] = await ranges(probe)
    // What the trial needs has its own precondition. Where user namespaces are forbidden
    // `unshare --map-auto` would also leave a child that waits forever (util-linux 2.38)
    if (!enough(uids.own) || !enough(gids.own)) return untried(path, 'a range')
    if (!(await probe.userNamespace()).ok) return untried(path, 'user namespaces')
    const trial = await probe.attempt([
      'unshare',
      '--user',
      '--map-auto',
      '--map-root-user',
      'true',
    ])
    return trial.ok ? ok(`${path} maps your range`) : refused(path, trial.complaint)
  },
}

/** The mode is not checked: a program that is not set-uid may have a file capability. */
function untried(path: string, what: string): Finding {
  return ok(`${path}, not tried without ${what}`)
}

async function refused(path: string, complaint: string): Promise<Finding> {
  const status = (await text('/proc/self/status')) ?? ''
  if (statusField(status, 'NoNewPrivs') === '1') {
    return missing('no_new_privs is set for this process, so set-uid programs have no effect', {
      all: ['# start the process without NoNewPrivileges= and setpriv --no-new-privs'],
      container: ['# start the container without --security-opt no-new-privileges'],
    })
  }
  const { mode } = await stat(path)
  const bit = (mode & 0o4000) === 0 ? `${path} is not set-uid: ` : ''
  return missing(`${bit}${complaint}`, reinstall([PACKAGE]))
}

const subuidRange: Check = {
  id: 'subuid-range',
  what: `${NEEDED} subordinate uids and gids, for the accounts of a tree`,
  neededFor: NEEDS,
  async check(probe) {
    if (probe.uid === 0) return judgeRoot((await text('/proc/self/uid_map')) ?? '')
    const [uids, gids] = await ranges(probe)
    const found = [rangeOf('subuid', uids.own), rangeOf('subgid', gids.own)]
    if (enough(uids.own) && enough(gids.own)) return ok(found.join(', '))
    return missing(found.join(', '), grant(probe, uids, gids))
  },
}

export const UID_RANGE: readonly Check[] = [newuidmap, subuidRange]

/** Root needs no subordinate range and allocates uids of the machine, unless it is root of a namespace without them. */
export function judgeRoot(uidMap: string): Finding {
  const [, , count = '0'] = uidMap.trim().split(/\s+/)
  if (Number(count) > CONTAINER_END) return unneeded('root allocates uids that no account has')
  return missing(`root of this process is in a user namespace with only ${count} uids`, {
    all: ['# run on the machine itself, or in a container without user namespaces'],
  })
}

interface File {
  readonly all: readonly Range[]
  readonly own: Range | undefined
}

async function ranges({ user, uid }: Probe): Promise<[File, File]> {
  const read = async (path: string) => {
    const all = parseRanges((await text(path)) ?? '')
    return { all, own: firstRange(all, user, uid) }
  }
  return Promise.all([read('/etc/subuid'), read('/etc/subgid')])
}

function enough(range: Range | undefined): boolean {
  return range !== undefined && range.count >= NEEDED
}

function rangeOf(file: string, range: Range | undefined): string {
  return `${file} ${range ? rangeText(range) : 'none'}`
}

/**
 * Removes a range that is too small, since only the first one is used. By sed(1): usermod(8) removes ranges only from
 * users without processes.
 */
function grant({ user }: Probe, uids: File, gids: File): Fix {
  const files = [
    ['subuid', uids],
    ['subgid', gids],
  ] as const
  const small = files.filter(([, { own }]) => !enough(own))
  const remove = small.flatMap(([file, { own }]) => (own ? [removeLine(file, own)] : []))
  const options = small.map(([file, { all }]) => {
    const first = freeStart(all)
    return `--add-${file}s ${first}-${first + NEEDED - 1}`
  })
  return { all: [...remove, `sudo usermod ${options.join(' ')} ${user}`] }
}

function removeLine(file: string, range: Range): string {
  const line = rangeText(range).replace(/[.*$^[\]\\/]/g, '\\$&')
  return `sudo sed --in-place '/^${line}$/d' /etc/${file}`
}
