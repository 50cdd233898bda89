import { expect, test } from 'vitest'
import { passed, runVitest } from './support/vitest.ts'

test.for(['plugin','global-setup'])('%s', async (name) => {
  const r = await runVitest(name)
  console.log(r)
})
