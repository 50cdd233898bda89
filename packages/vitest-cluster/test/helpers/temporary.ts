import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

// As it is before any test sets TMPDIR
const TEMPORARY = tmpdir()

/** An empty directory that goes with the test. Its path is short: a session's socket has to fit below it. */
export async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(TEMPORARY, 'vct-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
