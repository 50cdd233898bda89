import { checkedCommand } from './check-command.ts'
import { checkedEnv } from './check-results.ts'
import type { ExecOptions } from './exec.ts'
import { fail, type Refuse, reading, shown } from './refuse.ts'
import { absolutePathProblem, isPlain, isTimeout, TIMEOUT_FIX } from './words.ts'

type Option = (value: unknown, refuse: Refuse) => unknown

const OPTIONS: Readonly<Record<keyof ExecOptions, Option>> = {
  input: (value, refuse) => {
    if (typeof value === 'string' || ArrayBuffer.isView(value) || isIterable(value)) return
    refuse(
      `exec has input: ${shown(value)}`,
      "Give text such as 'a line\\n', a Uint8Array, a Readable, or an iterable of these.",
    )
  },
  encoding: (value, refuse) => {
    if (value !== 'utf8' && value !== 'buffer')
      refuse(`exec has encoding: ${shown(value)}`, "Write 'buffer' for bytes, or leave it out.")
  },
  stdout: sink('stdout'),
  stderr: sink('stderr'),
  env: (value, refuse) => checkedEnv(value, 'env of exec', refuse),
  cwd: (value, refuse) => {
    const problem = absolutePathProblem(value)
    if (!problem) return
    refuse(
      `exec has cwd: ${shown(value)}, which ${problem}`,
      "Give an absolute path of the tree, such as cwd: '/srv', or leave it out for the service's directory.",
    )
  },
  timeout: (value, refuse) => {
    if (!isTimeout(value)) refuse(`exec has timeout: ${shown(value)}`, TIMEOUT_FIX)
  },
  user: (value, refuse) => {
    if (typeof value === 'string' && value !== '') return
    refuse(`exec has user: ${shown(value)}`, "Give the name of an account, such as user: 'root'.")
  },
  allowFailure: (value, refuse) => {
    if (typeof value !== 'boolean')
      refuse(`exec has allowFailure: ${shown(value)}`, 'Write true, or leave it out.')
  },
}

function sink(name: 'stdout' | 'stderr'): Option {
  return (value, refuse) => {
    const { write, end, on } = Object(value) as Record<string, unknown>
    if ([write, end, on].every((method) => typeof method === 'function')) return
    refuse(
      `exec has ${name}: ${shown(value)}`,
      `Give a Writable, such as ${name}: createWriteStream('dump'), or leave it out.`,
    )
  }
}

function isIterable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  )
}

/** Checks what `exec` is given. @throws ClusterError `EXEC_FAILED` */
export function checkExec(service: string, argv: unknown, options: unknown): void {
  reading('what exec is given', service, () => check(service, argv, options))
}

function check(service: string, argv: unknown, options: unknown): void {
  const refuse: Refuse = (what, fix) => fail('EXEC_FAILED', service, what, fix)
  const words = Array.isArray(argv) && argv.length > 0
  if (!words || !argv.every((word) => typeof word === 'string')) {
    refuse(
      `exec takes an array of strings, the program first, not ${shown(argv)}`,
      "exec(['ls', '-l', '/srv'])",
    )
  }
  checkedCommand(argv, 'exec', refuse)
  if (!isPlain(options)) throw refuse(`exec has the options ${shown(options)}`, known())
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) refuse(`exec has no option ${shown(name)}`, known())
    if (value !== undefined) OPTIONS[name as keyof ExecOptions](value, refuse)
  }
}

function known(): string {
  return `There are ${Object.keys(OPTIONS).join(', ')}.`
}
