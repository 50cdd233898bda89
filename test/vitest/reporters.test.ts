// @module-tag vitest
import { expect, test } from 'vitest'
import { ONE_CACHE, project, spec } from '../support/project.ts'
import { majorVersion, runVitest } from '../support/vitest.ts'

const FAILING = {
  'cluster.config.ts': ONE_CACHE,
  'fails.spec.ts': spec(`
    test('the service is wrong', async ({ cache }) => {
      expect(await cache.ask('version')).toBe('another')
    })
  `),
}

/** A failing run that produces every message of this library. */
function failing(reporter: string) {
  const env = { VITEST_CLUSTER_TIMING: '1' }
  return runVitest(project(FAILING), { reporter, env })
}

test('only the reporter writes to stdout, which a program can parse', async () => {
  // Vitest 5 writes the other two reports into files
  const reporters = majorVersion < 5 ? ['json', 'junit', 'tap'] : ['tap']
  for (const reporter of reporters) {
    const { exitCode, output, stdout } = await failing(reporter)
    expect(exitCode).toBe(1)
    for (const said of ['critical chain', 'report of session']) expect(output).toContain(said)
    if (reporter === 'json') expect(JSON.parse(stdout)).toMatchObject({ numFailedTests: 1 })
    if (reporter === 'junit') expect(stdout).toMatch(/^<\?xml[\s\S]*<\/testsuites>\s*$/)
    if (reporter === 'tap') expect(stdout).toMatch(/^TAP version 13\n[\s\S]*\n}\s*$/)
    expect(stdout).not.toMatch(/vitest-cluster:|critical chain/)
  }
})
