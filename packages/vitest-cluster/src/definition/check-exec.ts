import { argv } from './check-command.ts'
import { checkedEnv } from './check-env.ts'
import type { ExecEncoding, ExecOptions } from './exec.ts'
import { fail, type Refuse, reading } from './refuse.ts'
import {
  a,
  absolutePath,
  type Check,
  checked,
  flag,
  object,
  oneOf,
  optional,
  timeout,
} from './schema.ts'

const COMMAND = argv("exec(['ls', '-l', '/srv'])")
const OPTIONS = object<ExecOptions<ExecEncoding>>({
  input: optional(
    a(
      'text, bytes or a stream of these',
      (value) => typeof value === 'string' || ArrayBuffer.isView(value) || isIterable(value),
      "Give text such as 'a line\\n', a Uint8Array, a Readable, or an iterable of these.",
    ),
  ),
  encoding: optional(oneOf(['utf8', 'buffer'], "Write 'buffer' for bytes, or leave it out.")),
  stdout: optional(sink("stdout: createWriteStream('dump')")),
  stderr: optional(sink("stderr: createWriteStream('dump')")),
  all: optional(flag),
  env: optional(checkedEnv),
  cwd: optional(
    absolutePath(
      "Give an absolute path of the tree, such as cwd: '/srv', or leave it out for the service's directory.",
    ),
  ),
  timeout: optional(timeout),
  user: optional(
    a(
      'the name of an account',
      (value) => typeof value === 'string' && value !== '',
      "Give the name of an account, such as user: 'root'.",
    ),
  ),
  group: optional(
    a(
      'the name of a group',
      (value) => typeof value === 'string' && value !== '',
      "Give the name of a group, such as group: 'www-data'.",
    ),
  ),
  allowFailure: optional(flag),
})

function sink(example: string): Check<NonNullable<ExecOptions['stdout']>> {
  const isSink = (value: unknown) => {
    const { write, end, on } = Object(value) as Record<string, unknown>
    return [write, end, on].every((method) => typeof method === 'function')
  }
  return a('a Writable', isSink, `Give a Writable, such as ${example}, or leave it out.`)
}

function isIterable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  )
}

/** Checks the arguments of `exec`. @throws ClusterError `EXEC_FAILED` */
export function checkExec(service: string, argv: unknown, options: unknown): void {
  const refuse: Refuse = (what, fix) => fail('EXEC_FAILED', service, what, fix)
  reading('the arguments of exec', service, () => {
    checked(COMMAND, argv, { what: 'exec', name: 'argv', refuse })
    checked(OPTIONS, options, { what: 'exec', refuse })
    const { all, ...streams } = Object(options) as ExecOptions
    if (all && (streams.stdout || streams.stderr)) {
      const fix = 'Leave out all, and give one stream as stdout and stderr: it gets both in order.'
      refuse('exec: all cannot be combined with a stream for stdout or stderr', fix)
    }
  })
}
