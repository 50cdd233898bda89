import { checkOptionNames } from './options.ts'
import { also, type Check, list, object, oneOf, some, text, valid } from './schema.ts'
import type { Ready } from './service-fields.ts'
import { areTooLong, isPlain, textProblem } from './words.ts'

/** A program: its name, or its path in the tree. */
export const program = valid(
  programProblem,
  "Give its name, such as 'redis-server', or its path in the tree, such as '/usr/bin/redis-server'.",
)

/** A program and its arguments. */
export function argv(fix: string): Check<readonly string[]> {
  return also(some(list(text(fix), fix), fix), (words, name, refuse) => {
    if (areTooLong(words))
      refuse(`${name} is longer than 2 MiB`, 'Put the long text into a file of `files`.')
    program(words[0], `${name}[0]`, refuse)
  })
}

/** What a service's `command` returns. */
export const command = argv(
  "Write command: ({ ports }) => ['/usr/bin/program', …], the program first.",
)

function programProblem(program: unknown): string | undefined {
  const problem = textProblem(program)
  if (problem) return problem
  const word = program as string
  if (word === '') return 'is empty'
  if (Buffer.byteLength(word) > 4095) return 'is longer than 4095 bytes'
  if (word === '.' || word === '..') return 'is a directory'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters
  if (/[\0-\x1f\x7f]/.test(word)) return 'has a line break or another control character'
  if (word.includes('/') && !word.startsWith('/')) return 'is a relative path'
  if (word.endsWith('/') || word.split('/').includes('..')) return 'is not the path of a file'
  return undefined
}

const WORDS = ['notify', 'listening', 'forking', 'started', 'exited'] as const
const WAYS = `Use one of ${WORDS.map((w) => `'${w}'`).join(', ')}, { logLine: 'pattern' }, { exec: [program, …] }.`
const LOG_LINE = object<{ readonly logLine: string }>({
  logLine: text("Give a regular expression of grep -E, such as { logLine: 'ready to accept' }."),
})
const EXEC = object<{ readonly exec: readonly string[] }>({
  exec: argv("Write ready: { exec: ['/usr/bin/program', …] }, the program first."),
})

/** The condition under which a service is ready. */
export const ready: Check<Ready> = (value, name, refuse) => {
  if (!isPlain(value)) return oneOf(WORDS, WAYS)(value, name, refuse)
  checkOptionNames(name, value, ['logLine', 'exec'], refuse)
  const keys = Object.keys(value)
  if (keys.length !== 1)
    return refuse(
      `${name} has ${keys.length === 0 ? 'neither logLine nor exec' : 'both logLine and exec'}`,
      WAYS,
    )
  return keys[0] === 'exec' ? EXEC(value, name, refuse) : LOG_LINE(value, name, refuse)
}
