import { expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { run } from '../../src/cli/exec.ts'
import { parse } from '../../src/cli/parse.ts'

test.for([
  [['--cwd', 'data'], '--cwd is "data", which is not an absolute path [USAGE]'],
  [['--env', 'A'], '--env is "A", which is not NAME=VALUE [USAGE]'],
  [['--env', 'A=1', '--env', '=b'], '--env is "=b", which is not NAME=VALUE [USAGE]'],
  [['--user', ''], '--user is "", which is not NAME or NAME:GROUP [USAGE]'],
  [['--user', 'a:'], '--user is "a:", which is not NAME or NAME:GROUP [USAGE]'],
  [['--user', 'a:b:c'], '--user is "a:b:c", which is not NAME or NAME:GROUP [USAGE]'],
  [['--tty'], '--tty needs a terminal, and standard input or standard output is none [USAGE]'],
  [['--tty', '--detach'], '--detach cannot be combined with --tty [USAGE]'],
  [['--stdin', '--detach'], '--detach cannot be combined with --stdin [USAGE]'],
  [['--tty', '--timeout', '1s'], '--tty cannot be combined with --timeout [USAGE]'],
  [['--timeout', 'long'], '--timeout is "long", which is not a duration [USAGE]'],
] as const)('exec $0 is refused before a session is looked for', async ([argv, says]) => {
  const command = COMMANDS.find(({ name }) => name === 'exec')
  const invocation = parse(command as (typeof COMMANDS)[0], [...argv, 'cache', '--', 'true'])
  await expect(run({ ...invocation, commands: COMMANDS })).rejects.toThrow(says)
})
