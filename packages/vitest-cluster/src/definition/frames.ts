import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Site } from '../errors.ts'

/** A line of a stack: `at values (file:///app/own.ts:22:23)`, `at async /app/own.ts:22:23`. */
const FRAME = /^\s+at (?:.*? \(|async )?(file:\/\/)?(\/.+?):(\d+):(\d+)\)?$/

/** The stack frames of an error in the user's own code, the innermost first. Reads package.json files. */
export function userFrames({ stack, message }: Error): Site[] {
  if (typeof stack !== 'string') return []
  // A message may quote another stack
  const begin = stack.indexOf(message)
  const lines = (begin < 0 ? stack : stack.slice(begin + message.length)).split('\n')
  return lines.flatMap((line) => {
    const [, url, path, row, column] = FRAME.exec(line) ?? []
    if (path === undefined || path.includes('<anonymous>')) return []
    const file = url === undefined ? path : decoded(path)
    return isUsers(file) ? [{ file, line: Number(row), column: Number(column) }] : []
  })
}

/** The path of a URL, without its escapes. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Whether a file belongs neither to an installed package nor to this library, which may be linked. */
function isUsers(file: string): boolean {
  if (file.includes('/node_modules/')) return false
  for (let directory = dirname(file); ; directory = dirname(directory)) {
    const path = join(directory, 'package.json')
    if (existsSync(path))
      return !(OURS.test(readFileSync(path, 'utf8')) && isBelow(directory, file))
    if (directory === '/') return true
  }
}

const OURS = /"name": "(?:vitest-cluster|@vitest-cluster\/fixtures)"/

function isBelow(directory: string, file: string): boolean {
  return ['src/', 'dist/'].some((part) => file.startsWith(join(directory, part)))
}
