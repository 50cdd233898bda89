import { type Refuse, shown } from './refuse.ts'
import type { Ready } from './service.ts'
import { areTooLong, isPlain, textProblem } from './words.ts'

/** Checks a program and its arguments. @param what the field, for messages */
export function checkedCommand(argv: unknown, what: string, refuse: Refuse): readonly string[] {
  const fix =
    what === 'command'
      ? "Write command: ({ ports }) => ['/usr/bin/program', …], the program first."
      : `Write ${what}: ['/usr/bin/program', …], the program first.`
  const words = Array.isArray(argv) && argv.length > 0
  if (!words || !argv.every((word) => typeof word === 'string'))
    return refuse(`its ${what} is no array of strings: ${shown(argv)}`, fix)
  for (const word of argv) {
    const problem = textProblem(word)
    if (problem) refuse(`its ${what} has ${shown(word)}, which ${problem}`, fix)
  }
  if (areTooLong(argv))
    refuse(`its ${what} is longer than 2 MiB`, 'Put what is long into a file of `files`.')
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

const WORDS = ['notify', 'listening', 'forking', 'started']

/** Checks how a service says that it is ready. */
export function checkedReady(ready: unknown, refuse: Refuse): Ready {
  if (typeof ready === 'string' && WORDS.includes(ready)) return ready as Ready
  const [key, ...others] = isPlain(ready) ? Object.keys(ready) : []
  if (isPlain(ready) && others.length === 0) {
    if (key === 'exec') return { exec: checkedCommand(ready['exec'], 'ready: { exec }', refuse) }
    if (key === 'logLine') {
      const problem = textProblem(ready['logLine'])
      if (!problem) return { logLine: ready['logLine'] as string }
      refuse(
        `has ready: { logLine: ${shown(ready['logLine'])} }, which ${problem}`,
        "Give a regular expression of grep -E, such as { logLine: 'ready to accept' }.",
      )
    }
  }
  return refuse(
    `does not say how it becomes ready (ready: ${shown(ready)})`,
    `Use one of ${WORDS.map((w) => `'${w}'`).join(', ')}, { logLine: 'pattern' }, { exec: [program, …] }.`,
  )
}
