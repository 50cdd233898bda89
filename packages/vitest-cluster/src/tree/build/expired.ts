import { ClusterError } from '../../errors.ts'
import type { RunResult } from './step.ts'

/** Messages of apt-get(8) about the Valid-Until or Date field of a Release file that is correctly signed. */
const EXPIRED =
  /Release file for (\S+) is (expired|not valid yet) \(invalid (?:since|for another) ((?:\d+(?:d|h|min|s) ?)+)\)/

const SECONDS = { d: 86_400, h: 3_600, min: 60, s: 1 } as const

/**
 * The error for an archive that has expired, or whose date is in the future.
 * @param how the fix for an expired archive, besides another mirror
 */
export function expiredArchive(
  { lines }: Pick<RunResult, 'lines'>,
  how: string,
  now = Date.now(),
): ClusterError | undefined {
  const found = lines.map((line) => EXPIRED.exec(line)).find((match) => match !== null)
  if (!found) return undefined
  const [, file = '', what, distance = ''] = found
  const away = secondsOf(distance) * 1000
  const [message, fixes] =
    what === 'expired'
      ? [
          `the archive has expired: ${file} was valid until ${day(now - away)}`,
          ['- name a mirror that is up to date', how],
        ]
      : [`the archive is not valid yet: ${file} is valid from ${day(now + away)} on`, []]
  const clock = `- check the clock of this machine: it says ${day(now)}`
  return new ClusterError({
    code: 'TREE_FAILED',
    message,
    fix: [...fixes, clock].join('\n'),
    log: lines,
  })
}

function day(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** `3d 4h 5min 6s` */
function secondsOf(distance: string): number {
  return [...distance.matchAll(/(\d+)(d|h|min|s)\b/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * SECONDS[unit as keyof typeof SECONDS],
    0,
  )
}
