import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../../disk/modes.ts'
import { printable } from '../../printable.ts'
import { bytes, duration } from '../../units.ts'
import type { Build, Inputs, Step } from '../build/step.ts'
import { workspace } from '../build/workspace.ts'
import { describeLeft, inBuildDirectory, type Left } from '../cache/build-directories.ts'
import { FORMAT } from '../cache/entry.ts'
import type { HeldEntry } from '../cache/store.ts'
import { changes } from './changes.ts'
import { type PlannedStep, resolvedKey, type Site } from './plan.ts'
import type { Sealed } from './seal.ts'

/**
 * Builds a step under its lock, in its own directory, and moves it into the cache when it is complete. Other processes that
 * need the same step wait for it.
 * @param look finds the step in the cache, if another process has built it meanwhile
 */
export async function makeStep(
  site: Site,
  { step, inputs }: PlannedStep,
  wanted: string,
  below: HeldEntry | undefined,
  look: () => HeldEntry | undefined,
): Promise<{ entry: HeldEntry; state: 'made' | 'cached' }> {
  const { store, ids, context, progress } = site
  const tell = (kind: 'progress' | 'note' | 'waiting') => (message: string) =>
    progress({ step: step.title, kind, message: printable(message) })
  const others = {
    onWait: () => tell('waiting')('waiting for another run that is building this step'),
    onLeft: (left: Left) => tell('note')(describeLeft(left)),
  }
  const make = async (directory: string) => {
    const there = look()
    if (there) return { entry: there, state: 'cached' as const }
    const earlier = store.earlier.of(site.owner).flatMap((key) => store.peek(key) ?? [])
    const why = changes(step, inputs, below, earlier)
    progress({ step: step.title, kind: 'begin', message: why })
    const begun = performance.now()
    const lower = below && `../../entries/${below.key}/root`
    const [say, note] = [tell('progress'), tell('note')]
    const { downloads } = store
    const build = workspace({ ...context, ...ids, directory, lower, downloads, say, note })
    const { sealed, resolved } = await made(site, step, build, below)
    const key = step.resolved ? resolvedKey(wanted, resolved) : wanted
    if (!store.peek(key)) {
      const entry = join(directory, 'entry')
      await makeDirectory(entry, 0o711)
      await rename(join(directory, 'tree'), join(entry, 'root'))
      await sealed.keepManifest(join(entry, 'manifest'))
      const record = {
        format: FORMAT,
        key,
        kind: step.kind,
        title: step.title,
        below: below?.key,
        inputs,
        resolved,
        uids: ids.uids,
        made: Date.now(),
        took: Math.round(performance.now() - begun),
        ...sealed.record,
      }
      await writeFile(join(entry, 'entry.json'), JSON.stringify(record), { mode: 0o600 })
      await store.publish(key, entry, join(directory, 'unreadable'))
    }
    if (step.resolved) await store.resolve(wanted, key)
    const entry = store.take(key)
    if (!entry) throw new Error(`the new entry ${key} was removed from the cache`)
    const { size, files, took } = entry
    const message = `built in ${duration(took)} (${bytes(size)}, ${files} files)`
    progress({ step: step.title, kind: 'made', message })
    return { entry, state: 'made' as const }
  }
  const explain = async (error: unknown): Promise<never> => {
    const { explainFailure } = await import('../build/failure.ts')
    throw await explainFailure(error, step.title, store.directory)
  }
  // Before the directory is removed: after that the disk has room again, and the cause cannot be found
  const explained = (directory: string) => make(directory).catch(explain)
  return inBuildDirectory(site, wanted, others, explained).catch(explain)
}

/** Runs the step and seals its result. The code for that is loaded when needed. */
async function made(
  site: Site,
  step: Step,
  build: Build,
  below: HeldEntry | undefined,
): Promise<{ sealed: Sealed; resolved: Inputs }> {
  if (step.patch && below) {
    const { patchTree } = await import('./patch.ts')
    const patch = await step.patch(below, site.context)
    return { sealed: await patchTree(site, build, below, patch), resolved: {} }
  }
  await step.make(build)
  const resolved = (await step.resolved?.(build)) ?? {}
  const { seal } = await import('./seal.ts')
  return { sealed: await seal(build, below), resolved }
}
