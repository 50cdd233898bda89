import { type Command, type CommandOption, HELP } from './command.ts'
import { columns } from './output.ts'

const EXIT_CODES = [
  'Exit codes: 0 success; 1 an error, explained on standard error; 2 wrong usage; 3 from `status`: a',
  'service is not running, from `doctor`: a session cannot be opened. `run`, `exec` and `shell` exit',
  'with the exit code of their program, or 128 + N if signal N killed it.',
]

/** What `vitest-cluster --help` prints. Pure. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    'vitest-cluster COMMAND: use the cluster of your tests from the shell',
    '',
    ...columns(commands.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    ...EXIT_CODES,
    'Help for one command: vitest-cluster help COMMAND',
  ].join('\n')
}

/** What `vitest-cluster help COMMAND` prints. Pure. */
export function commandHelp({
  name,
  usage,
  summary,
  details = [],
  options,
  example,
}: Command): string {
  return [
    `vitest-cluster ${name} ${usage}`.trimEnd(),
    `  ${summary}`,
    ...details.map((line) => `  ${line}`),
    '',
    ...columns(
      Object.entries({ ...options, ...HELP }).map(([key, option]) => optionHelp(key, option)),
    ),
    '',
    'Example:',
    ...example.map((line) => `  ${line}`),
  ].join('\n')
}

function optionHelp(name: string, { short, value, help }: CommandOption): string[] {
  return [`  ${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`, help]
}
