import type { TestProject } from 'vitest/node'
import { ClusterError } from '../errors.ts'
import { parseDuration } from '../session/duration.ts'
import { WISHES } from './provided.ts'

/** Seconds for which a kept session stays: long enough to look, short enough to be forgotten. */
const STAY = 30 * 60

/** What the run is to do besides opening and ending its session. */
export interface ResolvedWishes {
  /** Seconds for which a session stays whose run failed; undefined: not at all. */
  readonly keep: number | undefined
}

/** The plugin's options, where the environment does not say otherwise. @throws ClusterError `INVALID_INPUT` */
export function wishesOf(project: TestProject, env = process.env): ResolvedWishes {
  const { keepOnFailure } = project.getProvidedContext()[WISHES] ?? {}
  return { keep: stay(env['VITEST_CLUSTER_KEEP'] || keepOnFailure) }
}

/** Pure. */
export function stay(wish: boolean | string | undefined): number | undefined {
  if (wish === undefined || wish === false || wish === '0') return undefined
  if (wish === true || wish === '1') return STAY
  const seconds = parseDuration(wish)
  if (seconds !== undefined) return seconds
  throw new ClusterError({
    code: 'INVALID_INPUT',
    message: `VITEST_CLUSTER_KEEP or keepOnFailure is ${JSON.stringify(wish)}, which is no time`,
    mend: 'Give 1 for 30 minutes, or a time such as 90s, 10m or 2h.',
  })
}
