import { expect, test } from 'vitest'
import { passed, runVitest } from '../support/vitest.ts'

test('each shipped service has a fixture to import, whatever its name in the cluster', async () => {
  const { exitCode, output, sessions } = await runVitest('shipped-fixtures')
  expect(output).toMatch(passed(3))
  expect({ exitCode, sessions }).toEqual({ exitCode: 0, sessions: 1 })
})

test('where the cluster has several of a kind, or none, the fixture says so and names them', async () => {
  const { exitCode, output } = await runVitest('two-of-a-kind')
  expect(output).toContain(
    'the cluster has several services of kind hgweb: hgweb0, hgweb1 [NO_SUCH_SERVICE]',
  )
  expect(output).toContain('mend: Say which by its name: createTest(cluster)')
  expect(output).toContain('the cluster has no service of kind ssh [NO_SUCH_SERVICE]')
  expect(output).toMatch(/Tests +2 failed \| 1 passed \(3\)/)
  expect(exitCode).toBe(1)
})
