import { expect, test } from 'vitest'
import { commandStep } from '../../src/tree/layer/command.ts'
import { command } from '../../src/tree.ts'

test.each([
  [['make', 'install'], 'command make install'],
  [['sh', '-c', '\nset -e\n\tmake\n', 'sh'], 'command sh -c set -e make sh'],
  [['x'.repeat(99)], `command ${'x'.repeat(52)}`],
])('the title of the command %j is a short line', (argv, title) => {
  expect(commandStep(command(argv)).title).toBe(title)
})
