import { type Command, type CommandOption, HELP } from './command.ts'
import { columns } from './output.ts'

const EXIT_CODES = [
  'Exit codes: 0 done; 1 an error, which standard error explains; 2 wrong usage; 3 `status`: something',
  'is down, `doctor`: no session opens. `run`, `exec` and `shell` exit with the code of',
  'what they ran, 128 + N for signal N.',
]

/** What `vitest-cluster --help` prints. Pure. */
export function generalHelp(commands: readonly Command[]): string {
  return [
    'vitest-cluster COMMAND: the cluster of your tests, from the shell',
    '',
    ...columns(commands.map(({ name, summary }) => [`  ${name}`, summary])),
    '',
    ...EXIT_CODES,
    'More on one: vitest-cluster help COMMAND',
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
