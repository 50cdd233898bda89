import { expect, test } from 'vitest'
import type { Command } from '../../src/cli/command.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { parse, splitCommand } from '../../src/cli/parse.ts'
import { refusal } from '../helpers/refusal.ts'

const command = (name: string, rest: Partial<Command> = {}): Command => ({
  ...{ name, usage: 'SERVICE', words: [1, 2], summary: '', example: [] },
  options: {
    config: { type: 'string', short: 'c', help: '' },
    json: { type: 'boolean', help: '' },
  },
  load: () => expect.unreachable('nothing is run here'),
  ...rest,
})
const [up, logs] = [command('up', { usage: '', words: [0, 0] }), command('logs')]

test.for([
  [['up'], 'up', []],
  [['up', '--json'], 'up', ['--json']],
  [['--json', 'logs', 'up'], 'logs', ['--json', 'up']],
  [['--config', 'up', 'logs'], 'logs', ['--config', 'up']],
  [['-c', 'up', 'logs', 'db'], 'logs', ['-c', 'up', 'db']],
  [['--config=up', 'logs'], 'logs', ['--config=up']],
  // --json has no value: the next word is the command
  [['--json', 'up'], 'up', ['--json']],
  [['other', 'up'], 'up', ['other']],
  [['other'], undefined, ['other']],
  [['--config', 'up'], undefined, ['--config', 'up']],
  [[], undefined, []],
] as const)('%j is the command %s', ([argv, name, rest]) => {
  const found = splitCommand(argv, [up, logs])
  expect(found.command?.name).toBe(name)
  expect(found.rest).toEqual(rest)
})

test('the words and options of a command are parsed', () => {
  expect(parse(logs, ['db', '--json', '-c', 'x.ts'])).toEqual({
    words: ['db'],
    options: { json: true, config: 'x.ts' },
  })
  expect(parse(logs, ['a', '--', '--json'])).toEqual({ words: ['a', '--json'], options: {} })
  expect(parse(up, [])).toEqual({ words: [], options: {} })
})

test("--help is accepted without the command's words", () => {
  for (const help of ['--help', '-h'])
    expect(parse(logs, [help])).toEqual({ words: [], options: { help: true } })
})

test.for([
  [logs, [], 'logs requires SERVICE'],
  [logs, ['a', 'b', 'c'], 'logs requires SERVICE'],
  [up, ['db'], 'up accepts no arguments'],
  [logs, ['db', '--color'], "Unknown option '--color'"],
  [logs, ['db', '--config'], "Option '-c, --config <value>' argument missing"],
  [logs, ['db', '--json=1'], "Option '--json' does not take an argument"],
] as const)(
  '%#: invalid words and options are refused with the usage',
  ([command, argv, message]) => {
    expect(refusal(() => parse(command, argv))).toEqual({
      code: 'USAGE',
      message,
      fix: `Usage: vitest-cluster ${command.name} ${command.usage}`
        .trim()
        .concat(`\nAll options: vitest-cluster help ${command.name}`),
    })
  },
)

test('an option takes a value in all commands or in none, since the command is found by that', () => {
  const seen = new Map<string, string>()
  for (const { options } of COMMANDS) {
    for (const [name, { type, short }] of Object.entries(options)) {
      for (const word of [`--${name}`, ...(short ? [`-${short}`] : [])]) {
        expect([word, seen.get(word) ?? type]).toEqual([word, type])
        seen.set(word, type)
      }
    }
  }
})
