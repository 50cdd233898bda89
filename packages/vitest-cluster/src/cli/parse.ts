import { parseArgs } from 'node:util'
import { nearest } from '../definition/nearest.ts'
import { ClusterError, messageOf } from '../errors.ts'
import { type Command, HELP, type Invocation } from './command.ts'

/** Finds the command among the arguments. Options before its name belong to the command, too. */
export function splitCommand(argv: readonly string[], commands: readonly Command[]) {
  const names = commands.map(({ name }) => name)
  const at = argv.findIndex((word, i) => names.includes(word) && !isValue(argv, i, commands))
  if (at < 0) return { rest: argv }
  return {
    command: commands[names.indexOf(argv[at] as string)] as Command,
    rest: [...argv.slice(0, at), ...argv.slice(at + 1)],
  }
}

/** Whether a word is the value of the option before it. */
function isValue(argv: readonly string[], at: number, commands: readonly Command[]): boolean {
  const before = argv[at - 1] ?? ''
  return commands.some(({ options }) =>
    Object.entries(options).some(
      ([name, { type, short }]) =>
        type === 'string' && (before === `--${name}` || (short && before === `-${short}`)),
    ),
  )
}

/** Checks a command's words and options. @throws ClusterError `USAGE` */
export function parse(command: Command, argv: readonly string[]): Omit<Invocation, 'commands'> {
  const { name, usage, words, options } = command
  const wrong = (message: string, fix = '') =>
    new ClusterError({
      code: 'USAGE',
      message,
      fix: `${fix}Usage: ${`vitest-cluster ${name} ${usage}`.trimEnd()}\nAll options: vitest-cluster help ${name}`,
    })
  const known = Object.entries({ ...options, ...HELP }).map(([key, { type, short, multiple }]) => [
    key,
    { type, ...(short && { short }), ...(multiple && { multiple }) },
  ])
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: Object.fromEntries(known),
      allowPositionals: true,
    })
    const [least, most] = words
    if (!('help' in values) && (positionals.length < least || positionals.length > most)) {
      throw wrong(usage ? `${name} requires ${usage}` : `${name} accepts no arguments`)
    }
    return { words: positionals, options: values as Invocation['options'] }
  } catch (error) {
    if (error instanceof ClusterError) throw error
    const message = messageOf(error).split('. ')[0] as string
    const [, misspelt = ''] = /^Unknown option '--([\w-]+)'$/.exec(message) ?? []
    const near = nearest(
      misspelt,
      known.map(([key]) => String(key)),
    )
    throw wrong(message, near ? `Did you mean --${near}?\n` : '')
  }
}
