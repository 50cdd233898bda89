import { ClusterError } from '../errors.ts'
import { type Invocation, text } from './command.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 }

/** An option's size in bytes. @throws ClusterError `USAGE` */
export function size(options: Invocation['options'], name: string): number | undefined {
  const value = text(options, name)
  if (value === undefined) return undefined
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kMGT]?)B?$/.exec(value) ?? []
  if (number) return Number(number) * (UNITS[unit] ?? 1)
  throw new ClusterError({
    code: 'USAGE',
    message: `--${name} is ${JSON.stringify(value)}, which is not a size`,
    fix: 'Give a size such as 500M or 5G.',
  })
}
