import type { Refuse } from './refuse.ts'
import { shown } from './shown.ts'
import { textProblem } from './words.ts'

/** Checks a program and its arguments. @param what the field, for messages */
export function checkedCommand(argv: unknown, what: string, refuse: Refuse): readonly string[] {
  const mend =
    what === 'command'
      ? "Write command: ({ ports }) => ['/usr/bin/program', …], the program first."
      : `Write ${what}: ['/usr/bin/program', …], the program first.`
  const words = Array.isArray(argv) && argv.length > 0
  if (!words || !argv.every((word) => typeof word === 'string'))
    return refuse(`its ${what} is no array of strings: ${shown(argv)}`, mend)
  for (const word of argv) {
    const problem = textProblem(word)
    if (problem) refuse(`its ${what} has ${shown(word)}, which ${problem}`, mend)
  }
  checkProgram(argv[0], `its ${what} has the program`, refuse)
  return [...argv]
}

/** Checks a program: a name, or where it is in the tree. */
export function checkProgram(program: unknown, what: string, refuse: Refuse): void {
  const problem = programProblem(program)
  if (!problem) return
  refuse(
    `${what} ${shown(program)}, which ${problem}`,
    "Give its name, such as 'redis-server', or its path in the tree, such as '/usr/bin/redis-server'.",
  )
}

function programProblem(program: unknown): string | undefined {
  const problem = textProblem(program)
  if (problem) return problem
  const word = program as string
  if (word === '') return 'is empty'
  if (Buffer.byteLength(word) > 4095) return 'is longer than 4095 bytes'
  if (word === '.' || word === '..') return 'is a directory'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
  if (/[\0-\x1f\x7f]/.test(word)) return 'has a line break or another control character'
  if (word.includes('/') && !word.startsWith('/')) return 'is a relative path'
  if (word.endsWith('/') || word.split('/').includes('..')) return 'is no path of a file'
  return undefined
}
