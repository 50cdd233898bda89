import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../packages/vitest-cluster/src/cli/commands.ts'
import { Shell } from '../support/cli.ts'
import { project } from '../support/project.ts'
import { plugin } from '../support/projects/plugin.ts'
import { wrongDefinition } from '../support/projects/wrong-definition.ts'

const exec = promisify(execFile)

describe('help', () => {
  test('lists every command, and the exit codes', async () => {
    const shell = await Shell.open(project(plugin))
    const { stdout, exitCode } = await shell.run('--help')
    expect(exitCode).toBe(0)
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, 'm'))
    expect(stdout).toContain('Exit codes: 0 success')
    // Colours were not requested, and no stream is a terminal
    expect(stdout).not.toContain('\u001b')
  })

  test.for(COMMANDS)('of $name has an example', async ({ name, options }) => {
    const shell = await Shell.open(project(plugin))
    const { stdout, exitCode } = await shell.run(name, '--help')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/\nExample:\n {2}.*vitest-cluster /)
    for (const option of Object.keys(options)) expect(stdout).toContain(`--${option}`)
  })
})

test.for([
  { argv: ['frob'], says: "unknown command 'frob' [USAGE]" },
  { argv: ['exec', 'cache'], says: 'exec requires SERVICE -- COMMAND… [USAGE]' },
  { argv: ['statsu'], says: 'fix: Did you mean status? The commands are ' },
  { argv: ['help', 'frob'], says: "unknown command 'frob' [USAGE]" },
  { argv: ['up', '--frob'], says: "Unknown option '--frob' [USAGE]" },
  { argv: ['up', '--detahc'], says: 'fix: Did you mean --detach?' },
  { argv: ['up', '--for', '1h'], says: '--for requires --detach [USAGE]' },
  {
    argv: ['up', '--detach', '--for', 'ever'],
    says: '--for is "ever", which is not a duration [USAGE]',
  },
  { argv: ['completion', 'csh'], says: "there is no completion for the shell 'csh' [USAGE]" },
])('wrong usage exits with 2: $argv', async ({ argv, says }) => {
  const shell = await Shell.open(project(plugin))
  const { stderr, exitCode } = await shell.run(...argv)
  expect(stderr).toContain(says)
  expect(stderr).not.toMatch(/^ +at /m)
  expect(exitCode).toBe(2)
})

test('a missing definition, and a wrong one, are reported without a stack', async () => {
  const shell = await Shell.open(project(plugin))
  const missing = await shell.run('up', '--config', 'no.ts')
  expect(missing).toMatchObject({ exitCode: 1 })
  expect(missing.stderr).toMatch(/no\.ts does not exist \[CONFIG_NOT_FOUND\]$/m)
  const wrong = await (await Shell.open(project(wrongDefinition))).run('up')
  expect(wrong.stderr).toContain("cache: depends on 'databse'")
  expect(wrong.stderr).not.toMatch(/^ +at /m)
})

/** A script for each shell that prints its completions. */
const ASK = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: bash expands it
  bash: 'eval "$(cat "$1")"; COMP_WORDS=(vitest-cluster $2 "$3"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _vitest_cluster; printf "%s\\n" "${COMPREPLY[@]}"',
  fish: 'source $argv[1]; complete -C "vitest-cluster $argv[2] $argv[3]"',
}

describe.for(['bash', 'zsh', 'fish'] as const)('completion for %s', (name) => {
  const program = ['/bin', '/usr/bin']
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path))

  test.skipIf(!program)(
    `is a valid script${program ? '' : ` (skipped: ${name} is not installed)`}`,
    async () => {
      const shell = await Shell.open(project(plugin))
      const file = join(shell.directory, 'completion')
      await writeFile(file, (await shell.run('completion', name)).stdout)
      await exec(program ?? '', ['-n', file])
      if (name === 'zsh') {
        const registers =
          'autoload -U compinit; compinit -D; source $1; echo $_comps[vitest-cluster]'
        const { stdout } = await exec(program ?? '', ['-f', '-c', registers, 'zsh', file])
        expect(stdout).toBe('_vitest_cluster\n')
        return
      }
      const flags = name === 'fish' ? ['--no-config', '-c', ASK.fish] : ['-c', ASK.bash, 'bash']
      const words = async (...argv: string[]) =>
        (await exec(program ?? '', [...flags, file, ...argv])).stdout
          .split('\n')
          .map((line) => line.split('\t')[0])
      expect(await words('', 'st')).toEqual(expect.arrayContaining(['status', 'stop']))
      expect(await words('logs', '--fo')).toContain('--follow')
      expect(await words('completion', 'f')).toContain('fish')
    },
  )
})
