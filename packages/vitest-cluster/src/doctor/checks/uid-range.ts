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
/** The end of the uids that systemd's UIDS-GIDS leaves to containers: root takes a session's from these. */
const CONTAINER_END = 1_879_048_191

const NEEDS: readonly Need[] = ['isolation:range', 'isolation:boot', 'isolation:nspawn']
const PACKAGE = { debian: 'uidmap', fedora: 'shadow-utils', arch: 'shadow' }

const newuidmap: Check = {
  id: 'newuidmap',
  what: 'newuidmap(1) and newgidmap(1), which map your subordinate uids and gids into a tree',
  neededFor: NEEDS,
  async check(probe) {
    if (probe.uid === 0) return unneeded('root maps uids by itself')
    const directories = (probe.env['PATH'] ?? '').split(':').filter(Boolean)
    for (const name of ['newuidmap', 'newgidmap']) {
      if (!(await findProgram(name, directories)))
        return missing(`no ${name} in PATH`, install([PACKAGE]))
    }
    const path = (await findProgram('newuidmap', directories)) ?? ''
    const [uids, gids] = await ranges(probe)
    // What nothing can be tried without is told by its own precondition. Where user namespaces are forbidden
    // `unshare --map-auto` would also leave a child that waits for ever (util-linux 2.38)
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

/** Its mode would not tell: what is not set-uid may have a file capability. */
function untried(path: string, what: string): Finding {
  return ok(`${path}, not tried without ${what}`)
}

async function refused(path: string, complaint: string): Promise<Finding> {
  const status = (await text('/proc/self/status')) ?? ''
  if (statusField(status, 'NoNewPrivs') === '1') {
    return missing('no_new_privs is set for this process, so nothing is set-uid', {
      all: ['# start it without NoNewPrivileges= and setpriv --no-new-privs'],
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
    const told = [told1('subuid', uids.own), told1('subgid', gids.own)]
    if (enough(uids.own) && enough(gids.own)) return ok(told.join(', '))
    return missing(told.join(', '), grant(probe, uids, gids))
  },
}

export const UID_RANGE: readonly Check[] = [newuidmap, subuidRange]

/** Root needs none but takes a range of the machine's own, unless it is root of a namespace that lacks them. */
export function judgeRoot(uidMap: string): Finding {
  const [, , count = '0'] = uidMap.trim().split(/\s+/)
  if (Number(count) > CONTAINER_END) return unneeded('root takes uids that no account has')
  return missing(`this root is one of a user namespace with ${count} uids`, {
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

function told1(file: string, range: Range | undefined): string {
  return `${file} ${range ? rangeText(range) : 'none'}`
}

/**
 * A range that is too small goes, for only the first one is used. By sed(1): usermod(8) takes ranges only from users of
 * whom no process runs.
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
