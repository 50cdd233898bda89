import type { TestProject } from 'vitest/node'
import { asked, stay } from '../lifetime/stay.ts'
import { WISHES } from './provided.ts'

/** The resolved options of a run. */
export interface ResolvedWishes {
  /** Seconds for which the session of a failed run stays up; undefined: not at all. */
  readonly keep: number | undefined
  readonly timing: boolean
  readonly report: boolean
  readonly env: boolean
}

/** The options from the environment, else those of the plugin. @throws ClusterError `INVALID_INPUT` */
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
