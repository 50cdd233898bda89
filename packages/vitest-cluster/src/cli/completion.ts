import { ClusterError } from '../errors.ts'
import { own } from '../own.ts'
import type { Command, Run } from './command.ts'
import { print } from './output.ts'

const SHELLS: Record<string, (commands: readonly Command[]) => string> = { bash, zsh, fish }

export const run: Run = async ({ words, commands }) => {
  const script = own(SHELLS, words[0] ?? '')
  if (!script) {
    const message = `there is no completion for the shell '${words[0]}'`
    const fix = `Use one of ${Object.keys(SHELLS).join(', ')}.`
    throw new ClusterError({ code: 'USAGE', message, fix })
  }
  print(script(commands))
  return 0
}

/** Prints the names of services. Runs at each completion; a session answers in about 80 ms. */
const PRINT_SERVICES =
  'vitest-cluster status --json 2>/dev/null | sed -n \'s/^ *"service": "\\(.*\\)",*$/\\1/p\''

const optionsOf = ({ options }: Command) => Object.keys(options).map((name) => `--${name}`)

function bash(commands: readonly Command[]): string {
  return `_vitest_cluster() {
  local cur=\${COMP_WORDS[COMP_CWORD]} i command=
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] || { command=\${COMP_WORDS[i]}; break; }
  done
  case $command in
  '') COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} help' -- "$cur")) ;;
  help) COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$cur")) ;;
${commands.map((command) => `  ${command.name}) COMPREPLY=($(compgen -W "${bashWords(command)}" -- "$cur")) ;;`).join('\n')}
  esac
}
complete -o default -F _vitest_cluster vitest-cluster`
}

function bashWords(command: Command): string {
  const options = [...optionsOf(command), '--help'].join(' ')
  if (command.completes === 'shells') return `${Object.keys(SHELLS).join(' ')} ${options}`
  return command.completes === 'services' ? `${options} $(${PRINT_SERVICES})` : options
}

function zsh(commands: readonly Command[]): string {
  const words = (command: Command) =>
    command.completes === 'services'
      ? `compadd -- \${(f)"$(${PRINT_SERVICES})"}`
      : command.completes === 'shells'
        ? `compadd -- ${Object.keys(SHELLS).join(' ')}`
        : '_default'
  return `#compdef vitest-cluster
_vitest_cluster() {
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
${commands
  .map(
    (command) => `  ${command.name})
    if [[ $PREFIX == -* ]]; then compadd -- ${[...optionsOf(command), '--help'].join(' ')}
    else ${words(command)}; fi ;;`,
  )
  .join('\n')}
  esac
}
if [[ $funcstack[1] == _vitest_cluster ]]; then _vitest_cluster "$@"; else compdef _vitest_cluster vitest-cluster; fi`
}

function fish(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  const lines = commands.flatMap((command) => {
    const here = `-n '__fish_seen_subcommand_from ${command.name}'`
    return [
      `complete -c vitest-cluster -n 'not __fish_seen_subcommand_from ${names}' -a ${command.name} -d ${quote(command.summary)}`,
      ...Object.entries(command.options).map(
        ([name, { short, help, type }]) =>
          `complete -c vitest-cluster ${here} -l ${name}${short ? ` -s ${short}` : ''}${type === 'string' ? ' -r' : ''} -d ${quote(help)}`,
      ),
      ...(command.completes === 'services'
        ? [`complete -c vitest-cluster ${here} -a '(${PRINT_SERVICES.replaceAll("'", "\\'")})'`]
        : []),
      ...(command.completes === 'shells'
        ? [`complete -c vitest-cluster ${here} -a '${Object.keys(SHELLS).join(' ')}'`]
        : []),
    ]
  })
  return ['complete -c vitest-cluster -f', ...lines].join('\n')
}

/** Quotes a word for all three shells. An apostrophe becomes ’: fish and sh escape it differently. */
function quote(word: string): string {
  return `'${word.replaceAll("'", '’')}'`
}
