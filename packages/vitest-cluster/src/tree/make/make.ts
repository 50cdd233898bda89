import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../../disk/modes.ts'
import { printable } from '../../printable.ts'
import { bytes, duration } from '../../units.ts'
import type { Build, Inputs, Step } from '../build/step.ts'
import { workspace } from '../build/workspace.ts'
import { FORMAT } from '../cache/entry.ts'
import type { HeldEntry } from '../cache/store.ts'
import { describeLeft, inWorkplace, type Left } from '../cache/workplaces.ts'
import { changes } from './changes.ts'
import { type PlannedStep, resolvedKey, type Site } from './plan.ts'
import type { Sealed } from './seal.ts'

/**
 * Makes a step under its lock, in a directory of its own, and puts it into the cache when it is whole. Whoever needs
 * the same step meanwhile waits for it.
 * @param look what to use instead, if somebody has made it by now
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
    onWait: () => tell('waiting')('another run makes it: waiting until that is done'),
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
    if (!entry) throw new Error(`the cache has lost ${key} in a moment`)
    const { size, files, took } = entry
    const message = `made in ${duration(took)} (${bytes(size)}, ${files} files)`
    progress({ step: step.title, kind: 'made', message })
    return { entry, state: 'made' as const }
  }
  const explain = async (error: unknown): Promise<never> => {
    const { explainFailure } = await import('../build/failure.ts')
    throw await explainFailure(error, step.title, store.directory)
  }
  // At once: when the directory is gone, the disk has room again
  const explained = (directory: string) => make(directory).catch(explain)
  return inWorkplace(site, wanted, others, explained).catch(explain)
}

/** What the step does, in a tree of its own. What does it is loaded when needed. */
async function made(
  { store, context }: Site,
  step: Step,
  build: Build,
  below: HeldEntry | undefined,
): Promise<{ sealed: Sealed; resolved: Inputs }> {
  if (step.patch && below) {
    const { patchTree } = await import('./patch.ts')
    const patch = await step.patch(below, context)
    return { sealed: await patchTree(store, build, below, patch), resolved: {} }
  }
  await step.make(build)
  const resolved = (await step.resolved?.(build)) ?? {}
  const { seal } = await import('./seal.ts')
  return { sealed: await seal(build, below), resolved }
}
