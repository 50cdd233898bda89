import { posix } from 'node:path'
import { shown } from './refuse.ts'
import { also, type Check, list, valid } from './schema.ts'
import { absolutePathProblem } from './words.ts'

const FIX = "Write logFiles: ['/var/log/app/app.log'], with absolute paths of the tree."
/** File systems of the kernel, and the logs that the session itself writes. */
const NOT_IN = ['/dev', '/proc', '/sys', '/var/log/vitest-cluster']

const LOG_FILE: Check<string> = also(
  valid(
    (path) => absolutePathProblem(path) ?? (/\/$/.test(String(path)) ? 'ends with /' : undefined),
    FIX,
  ),
  (path, name, refuse) => {
    const place = NOT_IN.find((each) => `${clean(path)}/`.startsWith(`${each}/`))
    if (place === undefined) return
    refuse(
      `${name} is ${shown(path)}: programs do not write log files in ${place}`,
      'Name a file in another directory, such as /var/log/app/app.log.',
    )
  },
)

/** The log files that a service writes itself, by their paths in the tree. */
export const logFiles: Check<readonly string[]> = (value, name, refuse) => {
  const paths = list(LOG_FILE, FIX)(value, name, refuse).map(clean)
  const twice = paths.find((path, index) => paths.indexOf(path) !== index)
  if (twice !== undefined) refuse(`${name} has ${shown(twice)} twice`, 'Remove one.')
  return paths
}

function clean(path: string): string {
  return posix.normalize(path)
}
