import { Console } from 'node:console'
import { nearest } from '../definition/nearest.ts'
import { ClusterError, isClusterError, messageOf } from '../errors.ts'
import { printable } from '../printable.ts'
import { withShortage } from '../shortage/explain.ts'
import { COMMANDS } from './commands.ts'
import { withFrame } from './frame.ts'
import { commandHelp, generalHelp } from './help.ts'
import { print, tell } from './output.ts'
import { parse, splitCommand } from './parse.ts'

/** Exit codes besides 0 and those of single commands; `help` explains them. */
const FAILED = 1
const USAGE = 2

async function main(argv: readonly string[]): Promise<number> {
  // `env | head`: a reader that closes the pipe is not an error
  process.stdout.on('error', () => process.exit(0))
  // Output of the definition's own code goes to standard error: a program may read standard output
  globalThis.console = new Console(process.stderr)
  const [first] = argv
  if (first === 'help' || first === undefined || first === '--help' || first === '-h') {
    const [, about] = argv
    const command = COMMANDS.find(({ name }) => name === about)
    if (first === 'help' && about !== undefined && !command) throw unknown(about)
    print(command ? commandHelp(command) : generalHelp(COMMANDS))
    return first === undefined ? USAGE : 0
  }
  const { command, rest } = splitCommand(argv, COMMANDS)
  if (!command) throw unknown(first)
  const invocation = parse(command, rest)
  if (invocation.options['help']) {
    print(commandHelp(command))
    return 0
  }
  const { run } = await command.load()
  return run({ ...invocation, commands: COMMANDS })
}

function unknown(word: string): ClusterError {
  const names = COMMANDS.map(({ name }) => name)
  const near = nearest(word, names)
  return new ClusterError({
    code: 'USAGE',
    message: `unknown command '${word}'`,
    fix: `${near ? `Did you mean ${near}? ` : ''}The commands are ${names.join(', ')}.`,
  })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (cause) {
  const error = withShortage(cause)
  const ours = isClusterError(error)
  // An unexpected error is printed with its stack
  const text = error instanceof Error ? (error.stack ?? '') : messageOf(error)
  tell(ours ? withFrame(error.message, error.details.at) : printable(text))
  process.exitCode = ours && error.code === 'USAGE' ? USAGE : FAILED
}
