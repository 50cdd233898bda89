import { ClusterError } from '../errors.ts'
import { parseDuration } from '../units.ts'
import { type Invocation, text } from './command.ts'

/** An option's duration in seconds. @throws ClusterError `USAGE` */
export function seconds(options: Invocation['options'], name: string): number | undefined {
  const value = text(options, name)
  if (value === undefined) return undefined
  const parsed = parseDuration(value)
  if (parsed !== undefined) return parsed
  throw new ClusterError({
    code: 'USAGE',
    message: `--${name} is ${JSON.stringify(value)}, which is not a duration`,
    fix: 'Give a time such as 90s, 30m, 2h or 30d.',
  })
}
