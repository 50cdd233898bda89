import type { TestProject } from 'vitest/node'
import { asked, stay } from '../lifetime/stay.ts'
import { WISHES } from './provided.ts'

/** What the run is to do besides opening and ending its session. */
export interface ResolvedWishes {
  /** Seconds for which a session stays whose run failed; undefined: not at all. */
  readonly keep: number | undefined
  readonly timing: boolean
  readonly report: boolean
  readonly env: boolean
}

/** The plugin's options, where the environment does not say otherwise. @throws ClusterError `INVALID_INPUT` */
export function wishesOf(project: TestProject, env = process.env): ResolvedWishes {
  const {
    keepOnFailure,
    timing = false,
    report = false,
    env: variables = false,
  } = project.getProvidedContext()[WISHES] ?? {}
  return {
    keep: stay(env['VITEST_CLUSTER_KEEP'] || keepOnFailure),
    timing: asked(env, 'VITEST_CLUSTER_TIMING') ?? timing,
    report: asked(env, 'VITEST_CLUSTER_REPORT') ?? report,
    env: asked(env, 'VITEST_CLUSTER_ENV') ?? variables,
  }
}
