import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { ClusterError, type ClusterErrorDetails } from '../errors.ts'
import type { ReportError } from '../report/report.ts'

/** An error as Vitest has received it from a worker. */
export interface SerializedError {
  readonly name?: unknown
  readonly message?: unknown
  readonly stack?: unknown
  readonly diff?: unknown
  readonly details?: unknown
  readonly cause?: unknown
}

/** The directory of this package, whose frames are not the user's. */
const OWN = join(dirname(fileURLToPath(import.meta.url)), '..') + sep

/** An error of a test for the report page. Pure. @param root the directory that the paths of its frames are relative to */
export function reportError(error: unknown, root: string): ReportError {
  if (typeof error !== 'object' || error === null) return { text: String(error), frames: [] }
  const { stack, diff } = error as SerializedError
  const details = detailsOf(error)
  const texts = [wordsOf(error, details), ...(typeof diff === 'string' ? [diff] : [])]
  return {
    text: stripVTControlCharacters(texts.join('\n\n')),
    frames: framesOf(typeof stack === 'string' ? stack : '', root),
    service: details?.service,
    lastLines: details?.log,
  }
}

function wordsOf(error: SerializedError, details: ClusterErrorDetails | undefined): string {
  const { name, message, cause } = error
  // Without the log lines, which the page shows separately
  const said = details ? new ClusterError({ ...details, log: undefined }).message : message
  // Vitest writes this before the name of a cause when it prints it
  const kind = String(name ?? 'Error').replace(/^(Caused by: )+/, '')
  const words = `${kind}: ${said ?? ''}`
  return typeof cause === 'object' && cause !== null && !details
    ? `${words}\nCaused by: ${wordsOf(cause, detailsOf(cause))}`
    : words
}

function detailsOf({ name, details }: SerializedError): ClusterErrorDetails | undefined {
  if (name !== 'ClusterError' || typeof details !== 'object' || details === null) return undefined
  return 'code' in details && 'message' in details ? (details as ClusterErrorDetails) : undefined
}

/** The frames of a stack in the user's files: `push.test.ts:12:3`. */
function framesOf(stack: string, root: string): string[] {
  const places = stack.matchAll(/^\s+at (?:.*\()?(?:file:\/\/)?(\/.*):(\d+):(\d+)\)?$/gm)
  return [...places].flatMap(([, path = '', line, column]) =>
    path.includes('/node_modules/') || path.startsWith(OWN)
      ? []
      : [`${relative(root, path)}:${line}:${column}`],
  )
}
