import { constants } from 'node:fs'
import { access, lstat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { baseDirectory, cacheDirectory, isPrivateDirectory, unfit } from '../../disk/directories.ts'
import { deadSessions } from '../../disk/sessions.ts'
import { errnoOf } from '../../errors.ts'
import { bytes as inWords } from '../../units.ts'
import { type Check, type Finding, missing, ok, warning } from '../check.ts'
import type { Probe } from '../probe.ts'

const MIB = 1024 * 1024
/** Bytes that an empty tree needs, and bytes that a database with its log needs. */
const TOO_LITTLE = MIB
const LITTLE = 256 * MIB

function base({ uid, env }: Probe): string {
  return baseDirectory(uid, env)
}

const sessionDirectory: Check = {
  id: 'session-directory',
  what: 'a directory for sessions below TMPDIR, which only you may enter',
  neededFor: ['session'],
  async check(probe) {
    const path = base(probe)
    const why = unfit(path)
    if (why !== undefined) {
      return missing(`sessions cannot be below TMPDIR=${JSON.stringify(dirname(path))}: ${why}`, {
        all: ['export TMPDIR=/tmp'],
      })
    }
    const stat = await lstat(path).catch(() => undefined)
    if (stat && isPrivateDirectory(stat)) return ok(path)
    if (stat) {
      return missing(`${path} is not a directory that only you may enter`, {
        all: [`ls -ld ${path}`, '# remove it if you own it, or run with another TMPDIR'],
      })
    }
    const parent = dirname(path)
    const trouble = await access(parent, constants.W_OK | constants.X_OK).then(
      () => undefined,
      errnoOf,
    )
    if (!trouble) return ok(`${path} can be created`)
    return missing(`${parent} is not writable (${trouble})`, {
      all: ['export TMPDIR=/tmp', '# or another directory that you may write to'],
    })
  },
}

const diskSpace: Check = {
  id: 'disk-space',
  what: 'space for sessions in TMPDIR, and for trees and states in the cache',
  neededFor: ['session'],
  async check(probe) {
    const temporary = dirname(base(probe))
    const [sessions, cache] = await Promise.all([room(temporary), room(cacheDirectory(probe.env))])
    return judgeRoom(temporary, sessions, cacheDirectory(probe.env), cache)
  },
}

/** Whether the free bytes are enough for sessions; undefined bytes are unknown. */
export function judgeRoom(
  temporary: string,
  sessions: number | undefined,
  cache: string,
  kept: number | undefined,
): Finding {
  const there = [
    { path: temporary, bytes: sessions },
    { path: cache, bytes: kept },
  ].filter((place): place is { path: string; bytes: number } => place.bytes !== undefined)
  const found = there.map(({ path, bytes }) => `${inWords(bytes)} in ${path}`).join(', ')
  const least = Math.min(...there.map(({ bytes }) => bytes))
  const fix = {
    all: [
      `df -h ${there.map(({ path }) => path).join(' ')}`,
      '# free some space, or run with TMPDIR and XDG_CACHE_HOME on another disk',
    ],
  }
  if (least < TOO_LITTLE) return missing(found, fix)
  return least < LITTLE ? warning(found, fix) : ok(found)
}

const staleSessions: Check = {
  id: 'stale-sessions',
  what: 'no files of sessions that were killed together with their keeper',
  neededFor: ['session'],
  async check(probe) {
    const path = base(probe)
    const dead = await deadSessions(path)
    if (dead.length === 0) return ok('none')
    return warning(`${dead.length} in ${path}: ${dead.join(', ')}`, {
      all: ['# nothing to do: your next session removes them'],
    })
  },
}

export const DISK: readonly Check[] = [sessionDirectory, diskSpace, staleSessions]

/** Bytes that this user can write to a directory, or to its nearest existing parent. */
async function room(path: string): Promise<number | undefined> {
  for (let directory = path; ; directory = dirname(directory)) {
    const stat = await statfs(directory).catch(() => undefined)
    if (stat) return stat.bavail * stat.bsize
    if (directory === dirname(directory)) return undefined
  }
}
