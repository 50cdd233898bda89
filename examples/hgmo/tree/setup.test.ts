import { execa } from 'execa'
import { expect, test } from 'vitest'

test('tasks of roles are replayed as Ansible runs them', async () => {
  const { all } = await execa('python3', ['-B', '-m', 'unittest', 'discover', 'tree/setup-tests'], {
    cwd: `${import.meta.dirname}/..`,
    env: { PYTHONPATH: 'tree/setup' },
    all: true,
  })
  expect(all).toMatch(/\nOK$/)
})
