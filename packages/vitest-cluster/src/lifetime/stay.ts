import { ClusterError } from '../errors.ts'
import type { SessionPlan } from '../plan/session-plan.ts'
import { duration, parseDuration } from '../units.ts'

/** Seconds for which a kept session stays up: long enough for a look, short enough if it is forgotten. */
export const DEFAULT_STAY = 30 * 60

/**
 * Seconds for which the session of a failed run stays up, by `VITEST_CLUSTER_KEEP` or the plugin's option. Pure.
 * @throws ClusterError `INVALID_INPUT`
 */
export function stay(wish: boolean | string | undefined): number | undefined {
  if (wish === undefined || wish === false || wish === '' || wish === '0') return undefined
  if (wish === true || wish === '1') return DEFAULT_STAY
  const seconds = parseDuration(wish)
  if (seconds !== undefined) return seconds
  throw new ClusterError({
    code: 'INVALID_INPUT',
    message: `VITEST_CLUSTER_KEEP is ${JSON.stringify(wish)}, which is not a duration`,
    fix: 'Give 1 for 30 minutes, or a duration such as 90s, 10m or 2h.',
  })
}

/** Whether a variable of the environment enables something; false for `0`, undefined if it is not set. Pure. */
export function asked(
  env: NodeJS.ProcessEnv,
  name: `VITEST_CLUSTER_${'ENV' | 'REPORT' | 'TIMING'}`,
): boolean | undefined {
  const wish = env[name]
  return wish ? wish !== '0' : undefined
}

/** The commands to use a session that was kept. Pure. */
export function invitation({ id, services }: SessionPlan, seconds: number): string {
  const [first = 'SERVICE'] = Object.keys(services)
  const to = `--session ${id}`
  return [
    `session ${id} stays up for ${duration(seconds * 1000)}, then it is removed`,
    `  a shell in a service:  npx vitest-cluster shell ${first} ${to}`,
    `  its state and logs:    npx vitest-cluster status ${to}; npx vitest-cluster logs ${to}`,
    `  end it now:            npx vitest-cluster down ${to}`,
  ].join('\n')
}
