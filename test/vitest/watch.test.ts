// @module-tag vitest
import { utimes } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { answers, ONE_CACHE, type Project, project } from '../support/project.ts'
import { FAILING, failingService } from '../support/projects/failing-service.ts'
import { killedManager } from '../support/projects/killed-manager.ts'
import { plugin } from '../support/projects/plugin.ts'
import { named } from '../support/projects/workspace.ts'
import { passed, type VitestOptions, VitestRun, withPrivateManager } from '../support/vitest.ts'

test('in watch mode a re-run uses the current session, and a restart of Vitest opens another one', async () => {
  const own = project(plugin)
  await using vitest = await watching(own)
  await vitest.until(() => runs(vitest) === 1)
  expect(vitest.output).toMatch(passed(3))

  await touch(own, 'answers.spec.ts')
  await vitest.until(() => runs(vitest) === 2)
  expect(since(vitest, 'RERUN')).toMatch(passed(1))
  expect(vitest.sessions.size).toBe(1)

  await touch(own, 'vitest.config.ts')
  await vitest.until(() => runs(vitest) === 3)
  expect(since(vitest, 'Restarting')).toMatch(passed(3))
  expect(vitest.sessions.size).toBe(2)

  await vitest.kill('SIGINT')
  expect(await vitest.ended()).toBe(130)
  await vitest.nothingLeft()
})

test('in watch mode a re-run fails with the same error if the session failed', async () => {
  const own = project(failingService)
  await using vitest = await watching(own)
  const error = 'cache: failed to start: '
  await vitest.until(() => vitest.output.includes(error))

  await touch(own, 'answers.spec.ts')
  // Errors are on stderr, whose last lines may be read after those of stdout
  await vitest.until(() => runs(vitest) === 1 && since(vitest, 'RERUN').includes(error))
  expect(since(vitest, 'RERUN')).toMatch(/Tests +1 failed \(1\)/)
})

test('a project that was not set up, since another one failed first, gets its session at a re-run', async () => {
  const below = (text: string) => text.replace('./cache.ts', '../cache.ts')
  const own = project({
    ...named,
    'a/cluster.config.ts': below(FAILING),
    'a/answers.spec.ts': answers(),
    'b/cluster.config.ts': below(ONE_CACHE),
    'b/answers.spec.ts': answers(),
  })
  await using vitest = await watching(own)
  await vitest.until(() => vitest.output.includes('cache: failed to start: '))

  await touch(own, 'b/answers.spec.ts')
  await vitest.until(() => runs(vitest) === 1)
  expect(since(vitest, 'RERUN')).toMatch(passed(1))
})

test('in watch mode a re-run fails with the error of a manager that was killed', async () => {
  const own = project(killedManager)
  await using vitest = await watching(own, withPrivateManager())
  await vitest.until(() => runs(vitest) === 1)

  await touch(own, 'uses.spec.ts')
  const lost = () => /\[(MANAGER|BUS)_LOST\]/.test(since(vitest, 'RERUN'))
  await vitest.until(() => runs(vitest) === 2 && lost())
  expect(since(vitest, 'RERUN')).toMatch(/Tests +2 failed \(2\)/)
})

function watching(project: Project, options: VitestOptions = {}): Promise<VitestRun> {
  return VitestRun.start(project, { ...options, command: 'watch' })
}

/** The number of runs that have ended. */
function runs({ output }: VitestRun): number {
  return output.match(/(Waiting|Watching) for file changes/g)?.length ?? 0
}

/** The output after a word. */
function since({ output }: VitestRun, word: string): string {
  return output.slice(output.indexOf(word))
}

/** Saves a file without a change, like an editor. */
async function touch(project: Project, file: string): Promise<void> {
  await utimes(project.path(file), new Date(), new Date())
}
