import { join, resolve } from 'node:path'
import { readable } from '../../disk/names.ts'
import { ClusterError, messageOf } from '../../errors.ts'
import type { Inputs, StepContext } from '../build/step.ts'

/**
 * The files that a step depends on, each by its path and content.
 * @param resolved maps a path to the path that is read: the target of a link, or the link itself
 */
export async function fileInputs(
  paths: readonly string[],
  context: StepContext,
  resolved: (path: string) => string | Promise<string> = (path) => path,
): Promise<Inputs> {
  const found = await Promise.all(
    paths.map(async (path) => {
      try {
        const files = await context.hashes.tree(await resolved(absolute(path, context)))
        return [...files].map(([name, what]) => [`file ${join(path, name)}`, what] as const)
      } catch (cause) {
        throw unreadable(path, context, cause)
      }
    }),
  )
  return Object.fromEntries(found.flat())
}

/** The absolute path for a path of a definition. */
export function absolute(path: string, { baseDirectory }: StepContext): string {
  return resolve(baseDirectory, path)
}

/** The most characters of an error's reason, which may contain a path of 4,000 characters. */
const SHOWN = 300

/** The error for an input that does not exist, or that the caller may not read. */
export function unreadable(
  path: string,
  { baseDirectory }: StepContext,
  cause: unknown,
  step?: string,
): ClusterError {
  return new ClusterError(
    {
      code: 'UNREADABLE_FILE',
      step,
      message: `cannot read ${readable(path)}: ${messageOf(cause).slice(0, SHOWN)}`,
      fix: `Relative paths start from ${baseDirectory}.`,
    },
    { cause },
  )
}
